"""P9: how fast a subscriber that comes back gets what it missed, and what that costs in memory."""

import asyncio
import re
import time

import uvloop

from tests.bench.benchmark import Figure, Setting
from tests.bench.delivery import STREAM
from tests.bench.memory import resident
from tests.bench.wire import Follower, address

_MISSED = 10_000
_ROUNDS = 5
_TARGET = 50_000
_TIMEOUT = 60.0
_HEAD = re.compile(rb'"head":(\d+)')


async def replay(url: str, token: str, head: int) -> tuple[int, float]:
    """Follow the stream up to `head`, and return how many messages came in how many seconds."""
    done = asyncio.Event()
    received = 0
    tail = b""

    def arrived(_: Follower, data: bytes) -> None:
        nonlocal received, tail
        received += data.count(b"event: message")
        tail = (tail + data)[-4096:]
        if b"id: %d\n" % head in tail:
            done.set()

    follower = Follower(url, token, arrived, head - _MISSED)
    host, port = address(url)
    begin = time.perf_counter()
    await asyncio.get_running_loop().create_connection(lambda: follower, host, port)
    await asyncio.wait_for(done.wait(), _TIMEOUT)
    seconds = time.perf_counter() - begin
    follower.close()
    return received, seconds


async def _head(url: str, token: str) -> int:
    """Return the number of the log's newest event, with which the stream greets."""
    greeting = asyncio.get_running_loop().create_future()

    def arrived(_: Follower, data: bytes) -> None:
        if not greeting.done():
            greeting.set_result(data)

    follower = Follower(url, token, arrived)
    host, port = address(url)
    await asyncio.get_running_loop().create_connection(lambda: follower, host, port)
    found = _HEAD.search(await asyncio.wait_for(greeting, _TIMEOUT))
    follower.close()
    if found is None:
        raise RuntimeError("the stream did not greet")
    return int(found[1])


def measure(setting: Setting) -> list[Figure]:
    """Measure P9 on the stream. What was missed is read from the store: the hub has just been started."""
    size = setting.library.sizes[1]
    hub, stock = setting.library.hub(setting.folder, size)
    with hub:
        setting.say(f"a replay of {_MISSED:,} events")
        head = asyncio.run(_head(hub.url + STREAM, stock.tokens[0]))
        before = resident(hub.pid)
        rounds = [uvloop.run(replay(hub.url + STREAM, token, head)) for token in stock.tokens[:_ROUNDS]]
        grown = resident(hub.pid) - before
    rates = sorted(count / seconds for count, seconds in rounds)
    rate = rates[len(rates) // 2]
    return [
        Figure(
            "P9",
            f"replay of {_MISSED:,} missed events over the stream",
            f">= {_TARGET:,} events/s, memory flat",
            f"{rate:,.0f} events/s; memory {grown:+.1f} MiB over {_ROUNDS} replays",
            met=rate >= _TARGET,
            detail={"rates": rates, "grown": grown},
        )
    ]
