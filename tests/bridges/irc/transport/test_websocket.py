import asyncio
import time
from collections.abc import AsyncIterator
from ipaddress import IPv4Network

import aiohttp
import pytest
from aiohttp import WSMsgType

from bridges.irc.transport.connection import LINGER, Limits
from bridges.irc.transport.gate import Gate, GateLimits
from bridges.irc.transport.listener import Endpoint
from bridges.irc.transport.tls import Tls
from bridges.irc.transport.upgrade import WebSocketListener, listen
from bridges.irc.transport.websocket import BINARY, TEXT
from tests.bridges.irc.transport.far_end import (
    HERE,
    Identity,
    Server,
    client_context,
    connect,
    receive,
    reset,
    send,
    until,
)

LOOPBACK = (IPv4Network("127.0.0.0/8"),)
SITE = "https://chat.example"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.fixture
async def listener(server: Server) -> AsyncIterator[WebSocketListener]:
    listening = await listen(
        Endpoint(HERE, 0, proxies=LOOPBACK),
        server.make_session,
        gate=server.gate,
        origins={SITE},
        limits=Limits(queue=200_000),
    )
    yield listening
    await listening.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def url(listener: WebSocketListener) -> str:
    return f"http://{HERE}:{listener.port}/irc"


@pytest.mark.parametrize(
    ("asked", "given", "kind"),
    [
        ((TEXT,), TEXT, WSMsgType.TEXT),
        ((BINARY,), BINARY, WSMsgType.BINARY),
        ((BINARY, TEXT), BINARY, WSMsgType.BINARY),
        ((TEXT, BINARY), TEXT, WSMsgType.TEXT),
        (("other", BINARY), BINARY, WSMsgType.BINARY),
        ((), None, WSMsgType.TEXT),
    ],
)
async def test_client_chooses_the_kind_of_message(
    server: Server,
    listener: WebSocketListener,
    http: aiohttp.ClientSession,
    *,
    asked: tuple[str, ...],
    given: str | None,
    kind: WSMsgType,
) -> None:
    client = await http.ws_connect(url(listener), protocols=asked)
    assert client.protocol == given
    await client.send_bytes(b"NICK b")
    await client.send_str("NICK ä")
    session = await server.session()
    await until(lambda: len(session.lines) == 2)
    assert session.lines == [b"NICK b", "NICK ä".encode()]
    session.connection.write(b":a PRIVMSG b :one\r\n:a PRIVMSG b :two\r\n")
    session.connection.write(":a PRIVMSG b :drü\r\n".encode())
    messages = [await client.receive() for _ in range(3)]
    assert [message.type for message in messages] == [kind] * 3
    data = [message.data.encode() if kind is WSMsgType.TEXT else message.data for message in messages]
    assert data == [b":a PRIVMSG b :one", b":a PRIVMSG b :two", ":a PRIVMSG b :drü".encode()]
    await client.close()
    await until(lambda: session.ends)
    assert session.ends == [True]


async def test_text_never_carries_what_is_not_utf8(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    (await server.session()).connection.write(b"a \xff b\r\n")
    assert (await client.receive()).data == "a \ufffd b"
    await client.close()


async def test_binary_carries_any_bytes_to_the_session(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(BINARY,))
    await client.send_bytes(b"a \xff b")
    session = await server.session()
    await until(lambda: session.lines)
    assert session.lines == [b"a \xff b"]
    await client.close()


async def test_text_that_is_not_utf8_ends_the_connection(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    await client.send_frame(b"a \xff b", WSMsgType.TEXT)
    assert (await client.receive()).data == aiohttp.WSCloseCode.INVALID_TEXT
    session = await server.session()
    await until(lambda: session.ends)
    assert (session.lines, session.ends) == ([], [False])


async def test_line_ends_within_a_message_make_lines(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    await client.send_str("one\r\n")
    await client.send_str("")
    await client.send_str("two\nthree")
    session = await server.session()
    await until(lambda: len(session.lines) == 3)
    assert session.lines == [b"one", b"two", b"three"]
    await client.close()


async def test_long_line_is_dropped_and_a_huge_message_ends_the_connection(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    await client.send_str("x" * 10_000)
    await client.send_str("next")
    session = await server.session()
    await until(lambda: len(session.lines) == 2)
    assert session.lines == [None, b"next"]
    await client.send_str("x" * 100_000)
    assert (await client.receive()).data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    await until(lambda: session.ends)
    assert session.ends == [False]


async def test_paused_session_is_told_nothing_until_it_resumes(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    session = await server.session()
    session.pause_after = 2
    for number in range(10):
        await client.send_str(str(number))
    await until(lambda: len(session.lines) == 2)
    await asyncio.sleep(0.05)
    assert session.lines == [b"0", b"1"]
    session.pause_after = None
    session.connection.resume()
    await until(lambda: len(session.lines) == 10)
    assert session.lines == [str(number).encode() for number in range(10)]
    await client.close()


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 101), (SITE, 101), ("same", 101), ("https://evil.example", 403), ("null", 403), ("", 403)],
)
async def test_pages_of_other_sites_are_kept_out(
    listener: WebSocketListener, http: aiohttp.ClientSession, origin: str | None, status: int
) -> None:
    same = url(listener).removesuffix("/irc")
    headers = {} if origin is None else {"Origin": same if origin == "same" else origin}
    async with http.get(url(listener), headers=headers | UPGRADE) as answer:
        assert answer.status == status


async def test_proxy_says_who_its_client_is(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1, 127.0.0.2", "X-Forwarded-Proto": "https"}
    client = await http.ws_connect(url(listener), headers=headers, protocols=(TEXT,))
    connection = (await server.session()).connection
    assert (connection.address, connection.secure) == ("192.0.2.1", True)
    await client.close()


async def test_stranger_is_not_believed_to_be_a_proxy(server: Server, http: aiohttp.ClientSession) -> None:
    listening = await listen(Endpoint(HERE, 0), server.make_session, gate=server.gate)
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    client = await http.ws_connect(url(listening), headers=headers, protocols=(TEXT,))
    connection = (await server.session()).connection
    assert (connection.address, connection.secure) == (HERE, False)
    await client.close()
    await listening.close()


async def test_gate_counts_websockets_too(http: aiohttp.ClientSession) -> None:
    async with Server(Gate(GateLimits(per_address=1, loopback_free=False))) as server:
        listening = await listen(Endpoint(HERE, 0), server.make_session, gate=server.gate)
        first = await http.ws_connect(url(listening), protocols=(TEXT,))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await http.ws_connect(url(listening), protocols=(TEXT,))
        assert refusal.value.status == 503
        await first.close()
        await until(lambda: server.gate._total == 0)
        second = await http.ws_connect(url(listening), protocols=(TEXT,))
        await second.close()
        await listening.close()


async def test_close_sends_what_is_queued_and_the_final_words(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    session = await server.session()
    session.connection.write(b"hello\r\n")
    session.connection.close(b"ERROR :bye\r\n")
    session.connection.write(b"too late\r\n")
    messages = [await client.receive() for _ in range(3)]
    assert [message.type for message in messages] == [WSMsgType.TEXT, WSMsgType.TEXT, WSMsgType.CLOSE]
    assert [message.data for message in messages[:2]] == ["hello", "ERROR :bye"]
    started = time.monotonic()
    await until(lambda: session.ends)
    assert session.ends == [True]
    assert time.monotonic() - started < LINGER - 0.5


async def test_slow_reader_is_told_once_and_gone_within_seconds(
    server: Server, listener: WebSocketListener, http: aiohttp.ClientSession
) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    session = await server.session()
    for _ in range(1_500):
        session.connection.write(b"x" * 9_998 + b"\r\n")
    await until(lambda: session.is_slow)
    session.connection.close(b"ERROR :slow\r\n")
    await until(lambda: session.ends)
    assert (session.is_slow, session.ends) == (1, [False])
    await client.close()


async def test_burst_is_no_slowness(server: Server, listener: WebSocketListener, http: aiohttp.ClientSession) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    session = await server.session()
    for _ in range(100):
        session.connection.write(b"x" * 9_998 + b"\r\n")
    for _ in range(100):
        assert len((await client.receive()).data) == 9_998
    await session.connection.drained()
    await asyncio.sleep(0.3)
    assert (session.is_slow, session.connection.queued) == (0, 0)
    await client.close()


async def test_abort_is_told_once(server: Server, listener: WebSocketListener, http: aiohttp.ClientSession) -> None:
    client = await http.ws_connect(url(listener), protocols=(TEXT,))
    session = await server.session()
    session.connection.abort()
    session.connection.write(b"x\r\n")
    session.connection.close(b"x\r\n")
    await until(lambda: session.ends)
    assert session.ends == [False]
    await client.close()


async def test_tls_is_secure(server: Server, http: aiohttp.ClientSession, identities: list[Identity]) -> None:
    tls = await asyncio.to_thread(Tls, identities[0].certificate, identities[0].key)
    listening = await listen(Endpoint(HERE, 0, tls), server.make_session, gate=server.gate)
    client = await http.ws_connect(
        f"https://{HERE}:{listening.port}/", protocols=(TEXT,), ssl=client_context(identities[2])
    )
    connection = (await server.session()).connection
    assert (connection.secure, connection.certificate) == (True, identities[2].fingerprint)
    await client.close()
    await listening.close()


@pytest.mark.parametrize(
    ("unread", "hard", "clean"), [(False, False, True), (True, False, False), (False, True, False)]
)
async def test_end_without_a_word_is_clean_if_everything_was_read(
    server: Server, listener: WebSocketListener, *, unread: bool, hard: bool, clean: bool
) -> None:
    client = await connect(listener.port)
    request = "GET / HTTP/1.1\r\nHost: hub\r\n" + "".join(f"{name}: {text}\r\n" for name, text in UPGRADE.items())
    await send(client, request.encode() + b"\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += await receive(client, 1)
    session = await server.session()
    session.connection.write(b"hello\r\n")
    await receive(client, 3 if unread else 7)
    if hard:
        reset(client)
    else:
        client.close()
    await until(lambda: session.ends)
    assert session.ends == [clean]
