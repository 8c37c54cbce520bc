"""P11: how long it takes until the hub serves, and until an agent's MCP server has told its tools."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from mcp import Client, StdioServerParameters

from airchat.enrol import join
from tests.bench.benchmark import Figure, Setting
from tests.hub_process import SCRIPTS, HubProcess

_ROUNDS = 5
_HUB_SECONDS = 1.5
_MCP_RATIO = 1.2


def measure(setting: Setting) -> list[Figure]:
    """Measure P11."""
    size = setting.library.largest
    hub, _ = setting.library.hub(setting.folder, size)
    setting.say(f"starting a hub with {size:,} messages")
    served = _hub(hub, size)
    setting.say("starting an agent's MCP server")
    with hub:
        join(hub.invite("laptop"), hub.url, machine_name="laptop", home=setting.folder / ".airchat")
        return [served, _mcp(setting)]


def timed(action: Callable[[], object]) -> float:
    """Return how many seconds the action took."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def _hub(hub: HubProcess, size: int) -> Figure:
    seconds = []
    for _ in range(_ROUNDS):
        seconds.append(timed(lambda: hub.start(program=True)))
        hub.stop()
    taken, bare = median(seconds), median(timed(lambda: _python("import aiohttp")) for _ in range(_ROUNDS))
    return Figure(
        "P11",
        f"start of a hub with {size:,} messages until it serves",
        f"<= {_HUB_SECONDS} s",
        f"{taken:.2f} s",
        f"`import aiohttp` alone: {bare:.2f} s",
        met=taken <= _HUB_SECONDS,
        detail={"seconds": seconds},
    )


def _mcp(setting: Setting) -> Figure:
    seconds, bare = [], []
    for _ in range(_ROUNDS):
        bare.append(timed(lambda: _python("import mcp")))
        seconds.append(asyncio.run(_tools(setting)))
    ratio = median(seconds) / median(bare)
    return Figure(
        "P11",
        "start of `airchat-mcp` until its list of tools",
        f"<= {_MCP_RATIO:.2f} of the yardstick",
        f"{median(seconds):.2f} s",
        f"`import mcp` alone: {median(bare):.2f} s",
        f"{ratio:.2f}",
        ratio <= _MCP_RATIO,
        {"seconds": seconds, "imports": bare},
    )


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


async def _tools(setting: Setting) -> float:
    """Return the seconds from starting the server to having its tools; the client was imported before."""
    env = {"PATH": os.environ["PATH"], "HOME": str(setting.folder)}
    server = StdioServerParameters(command=str(SCRIPTS / "airchat-mcp"), env=env)
    begin = time.perf_counter()
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        taken = time.perf_counter() - begin
    if not tools:
        raise RuntimeError("airchat-mcp told no tools")
    return taken
