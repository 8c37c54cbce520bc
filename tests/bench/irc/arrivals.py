"""Clients that come, join and then are silent: a process of its own that tells how fast they came, and stays.

Reads a server, a number of clients and how many share a channel as JSON; prints the seconds it took, waits for a line
on its standard input, prints how many are still connected, and ends.
"""

import asyncio
import base64
import dataclasses
import json
import sys
import time

import uvloop

from tests.bench.irc.plan import Server
from tests.bench.irc.wire import Client

_AT_ONCE = 64


@dataclasses.dataclass(frozen=True, slots=True)
class Arrivals:
    """`count` clients of `server`; each channel has `sharing` of them."""

    server: Server
    count: int
    sharing: int


async def arrive(arrivals: Arrivals, number: int) -> Client:
    """Connect, log in by SASL if there is a token, and join; return when the join is over."""
    server, client = arrivals.server, Client()
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", server.port)
    name = server.names[number]
    opening = f"NICK {name}\r\nUSER {name} 0 * :{name}\r\n"
    if server.tokens:
        proof = base64.b64encode(f"\0{name}\0{server.tokens[number]}".encode()).decode()
        opening = f"CAP REQ :sasl\r\n{opening}AUTHENTICATE PLAIN\r\n"
        await client.ask(opening.encode(), b"AUTHENTICATE +")
        await client.ask(f"AUTHENTICATE {proof}\r\nCAP END\r\n".encode(), b" 001 ")
    else:
        await client.ask(opening.encode(), b" 001 ")
    client.send(f"JOIN #bench-room-{number // arrivals.sharing}\r\n".encode())
    await client.sync()
    return client


async def run(arrivals: Arrivals) -> None:
    """Let everybody arrive, then wait to be told to end."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> Client:
        async with slots:
            return await arrive(arrivals, number)

    begin = time.perf_counter()
    clients = await asyncio.gather(*(one(number) for number in range(arrivals.count)))
    print(time.perf_counter() - begin, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print(sum(client.connected for client in clients), flush=True)


if __name__ == "__main__":
    fields = json.loads(sys.stdin.readline())
    uvloop.run(run(Arrivals(**fields | {"server": Server(**fields["server"])})))
