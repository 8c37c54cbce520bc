import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from hub.api.asgi import Application, Message, Mounted

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[tuple[aiohttp.ClientSession, Mounted]]:
    """Serve an ASGI application at every path."""

    @asynccontextmanager
    async def build() -> AsyncIterator[Application]:
        yield application

    mounted = Mounted(build)
    server = web.Application()
    server.router.add_route("*", "/{path:.*}", mounted.handle)
    server.on_shutdown.append(lambda _: mounted.close())
    runner = web.AppRunner(server, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
        yield client, mounted
    await runner.cleanup()


async def test_request_and_answer_go_through_whole() -> None:
    async def application(scope: Message, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        said = [scope["method"], scope["path"], scope["query_string"].decode(), dict(scope["headers"])[b"x-a"].decode()]
        head = START | {"status": 201, "headers": [(b"x-b", b"1"), (b"x-b", b"2"), (b"transfer-encoding", b"chunked")]}
        await send(head)
        await send({"type": "http.response.body", "body": " ".join(said).encode() + b" ", "more_body": True})
        await send({"type": "http.response.body", "body": str(len(body)).encode()})

    async with serving(application) as (client, _):
        response = await client.put(
            URL("/a%20b?c=%20d", encoded=True), data=io.BytesIO(b"x" * 3_000_000), headers={"X-A": "e"}
        )
        assert (response.status, response.headers.getall("X-B")) == (201, ["1", "2"])
        assert await response.text() == "PUT /a b c=%20d e 3000000"


async def test_answer_of_known_length_keeps_it() -> None:
    async def application(scope: Message, receive: Receive, send: Send) -> None:
        await send(START | {"headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async with serving(application) as (client, _):
        async with client.get("/") as response:
            assert (response.headers["Content-Length"], await response.text()) == ("2", "ok")
        async with client.head("/") as response:
            assert (response.headers["Content-Length"], await response.text()) == ("2", "")


async def test_application_hears_that_its_client_left() -> None:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send({"type": "http.response.body", "body": b"on it", "more_body": True})
        heard.set_result((await receive())["type"])

    async with serving(application) as (client, _):
        response = await client.get("/")
        assert await response.content.read(5) == b"on it"
        response.close()
        assert await asyncio.wait_for(heard, 20) == "http.disconnect"


async def test_application_is_made_once_and_again_if_that_failed() -> None:
    made = 0

    @asynccontextmanager
    async def build() -> AsyncIterator[Application]:
        nonlocal made
        made += 1
        if made == 1:
            raise OSError("no memory")

        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await send(START)
            await send({"type": "http.response.body", "body": b"ok"})

        yield application

    mounted = Mounted(build)
    server = web.Application()
    server.router.add_get("/", mounted.handle)
    async with TestClient(TestServer(server)) as client:
        assert (await client.get("/")).status == 500
        answers = await asyncio.gather(*(client.get("/") for _ in range(3)))
        assert [answer.status for answer in answers] == [200] * 3
        assert made == 2
        await mounted.close()
        assert (await client.get("/")).status == 503


async def test_application_that_says_nothing_is_an_error() -> None:
    async def application(scope: Message, receive: Receive, send: Send) -> None:
        await receive()

    async with serving(application) as (client, _), client.get("/") as response:
        assert response.status == 500


async def test_what_is_under_way_finishes_and_what_waits_is_ended() -> None:
    ended = []

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        if scope["path"] == "/short":
            await asyncio.sleep(0.1)
            await send({"type": "http.response.body", "body": b"done"})
        else:
            await send({"type": "http.response.body", "body": b"...", "more_body": True})
            ended.append((await receive())["type"])

    async with serving(application) as (client, mounted):
        waiting = await client.get("/long")
        short = asyncio.create_task(client.get("/short"))
        await asyncio.sleep(0.05)
        await mounted.close()
        assert await (await short).text() == "done"
        assert ended == ["http.disconnect"]
        assert await waiting.text() == "..."
