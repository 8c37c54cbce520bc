import asyncio
from ipaddress import IPv4Network, IPv6Network

import pytest

from bridges.irc.transport.gate import Gate, GateLimits
from bridges.irc.transport.listener import Endpoint
from tests.bridges.irc.transport.far_end import (
    HERE,
    Server,
    connect,
    receive,
    send,
    until,
)

LOOPBACK = (IPv4Network("127.0.0.0/8"),)


async def test_closed_listener_accepts_no_more_and_its_connections_live_on(server: Server) -> None:
    listener = await server.open()
    client = await connect(listener.port)
    session = await server.session()
    await listener.close()
    with pytest.raises(ConnectionRefusedError):
        await connect(listener.port)
    session.connection.write(b"still here\r\n")
    assert await receive(client, 12) == b"still here\r\n"
    client.close()


async def test_port_that_is_taken_is_named(server: Server) -> None:
    port = (await server.open()).port
    with pytest.raises(OSError, match=f"cannot listen on {HERE}:{port}: Address already in use"):
        await server.open(Endpoint(HERE, port))


async def test_every_address_of_a_host_has_the_same_port(server: Server) -> None:
    listener = await server.open(Endpoint("localhost", 0))
    ports = {sock.getsockname()[1] for sock in listener._sockets}
    assert ports == {listener.port}


async def test_many_at_once_are_all_let_in(server: Server) -> None:
    listener = await server.open()
    clients = await asyncio.gather(*(connect(listener.port) for _ in range(300)))
    await until(lambda: len(server.sessions) == 300)
    for client in clients:
        client.close()
    await until(lambda: all(session.ends for session in server.sessions))
    assert [session.ends for session in server.sessions] == [[True]] * 300


async def test_refused_client_hears_why() -> None:
    async with Server(Gate(GateLimits(per_address=1, loopback_free=False))) as server:
        listener = await server.open()
        first = await connect(listener.port)
        session = await server.session()
        second = await connect(listener.port)
        assert await receive(second, 100) == b"ERROR :Too many connections from your address\r\n"
        second.close()
        first.close()
        await until(lambda: session.ends)
        third = await connect(listener.port)
        await server.session(1)
        third.close()


async def test_settled_client_is_no_newcomer() -> None:
    async with Server(Gate(GateLimits(unsettled=1, loopback_free=False))) as server:
        listener = await server.open()
        first = await connect(listener.port)
        (await server.session()).connection.settle()
        second = await connect(listener.port)
        await server.session(1)
        third = await connect(listener.port)
        assert await receive(third, 100) == b"ERROR :Too many clients are connecting\r\n"
        for client in (first, second, third):
            client.close()


async def test_proxy_says_who_its_client_is(server: Server) -> None:
    listener = await server.open(Endpoint(HERE, 0, proxies=LOOPBACK))
    client = await connect(listener.port)
    await send(client, b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 6667\r\nNICK a\r\n")
    session = await server.session()
    await until(lambda: session.lines)
    connection = session.connection
    assert (connection.address, connection.port, session.lines) == ("2001:db8::1", 4711, [b"NICK a"])
    client.close()


async def test_gate_counts_the_client_and_not_its_proxy() -> None:
    async with Server(Gate(GateLimits(per_address=1, loopback_free=False))) as server:
        listener = await server.open(Endpoint(HERE, 0, proxies=LOOPBACK))
        clients = [await connect(listener.port) for _ in range(3)]
        for client, source in zip(clients, ("192.0.2.1", "192.0.2.2", "192.0.2.1"), strict=True):
            await send(client, f"PROXY TCP4 {source} 192.0.2.9 1 2\r\n".encode())
        assert await receive(clients[2], 100) == b"ERROR :Too many connections from your address\r\n"
        await until(lambda: len(server.sessions) == 2)
        for client in clients:
            client.close()


async def test_stranger_is_not_believed_to_be_a_proxy(server: Server) -> None:
    listener = await server.open(Endpoint(HERE, 0, proxies=(IPv6Network("2001:db8::/32"),)))
    client = await connect(listener.port)
    await send(client, b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 6667\r\n")
    session = await server.session()
    await until(lambda: session.lines)
    assert session.connection.address == HERE
    assert session.lines == [b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 6667"]
    client.close()


async def test_proxy_without_header_is_dropped(server: Server) -> None:
    listener = await server.open(Endpoint(HERE, 0, proxies=LOOPBACK))
    client = await connect(listener.port)
    await send(client, b"NICK a\r\nUSER a 0 * :a\r\n")
    with pytest.raises(ConnectionResetError):
        await receive(client, 1)
    client.close()
    assert server.sessions == []
