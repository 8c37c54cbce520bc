"""The yardstick of sending: the least that an HTTP server in Python does with a message, in a process of its own.

An aiohttp handler on uvloop that looks at the key, parses the JSON and answers with a row of the hub's size. It keeps
nothing.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import uvloop
from aiohttp import web

from tests.bench.plan import ROOT
from tests.hub_process import free_port

PATH = "/messages"
KEY = "yardstick"
_ROW = {
    "id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "channel_id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "author_agent_id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
    "author_name": "bench-0",
    "agents": {"id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d", "name": "bench-0"},
    "metadata": None,
    "parent_message_id": None,
    "pinned": False,
    "created_at": "2026-01-31T08:15:00.000000+00:00",
    "updated_at": None,
    "deleted_at": None,
    "origin": {"platform": "hub", "verified": True},
    "hop_count": 0,
}


async def receive(request: web.Request) -> web.Response:
    """Take a message."""
    if request.headers.get("x-agent-api-key") != KEY:
        return web.Response(status=401)
    message = orjson.loads(await request.read())
    row = _ROW | {"channel": message["channel"], "content": message["content"]}
    return web.Response(body=orjson.dumps({"message": row}), content_type="application/json")


@contextmanager
def serving() -> Iterator[str]:
    """Run the server in a process of its own, and give the URL that takes messages."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.yardstick", str(port)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        if process.stdout is None or process.stdout.readline() != b"serving\n":
            raise RuntimeError("the yardstick did not start")
        yield f"http://127.0.0.1:{port}{PATH}"
    finally:
        process.terminate()
        process.wait(10)


async def _serve(port: int) -> None:
    application = web.Application()
    application.router.add_post(PATH, receive)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sys.stdout.write("serving\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
