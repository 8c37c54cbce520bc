"""P9 on IRC: how fast a client that comes back gets the lines it missed, and what that costs in memory."""

import asyncio
import time
from statistics import median

import uvloop

from hub.administration import administration
from hub.settings import load_settings
from tests.bench.benchmark import Figure, Setting
from tests.bench.irc.load import cpu_seconds
from tests.bench.irc.plan import Server
from tests.bench.irc.servers import irc_hub
from tests.bench.irc.wire import Client, connect
from tests.bench.memory import resident
from tests.bench.stock import Stock, fill, prepare
from tests.hub_process import HubProcess

_MISSED = 10_000
_ROUNDS = 5
_TARGET = 50_000
_TIMEOUT = 60.0
_CHANNEL = "bench-room"
_CAPABILITIES = "batch message-tags server-time"


def measure(setting: Setting) -> list[Figure]:
    """Measure P9 on IRC. What was missed is read from the store: the hub has just been started."""
    hub, port = irc_hub(setting.folder)
    stock = prepare(hub.env, channels=0, count=_ROUNDS + 1)
    setting.say(f"a replay of {_MISSED:,} lines")
    with hub:
        asyncio.run(_visit(Server(port, hub.pid, stock.names, stock.tokens)))
    asyncio.run(_talk(hub, stock))
    hub, port = irc_hub(setting.folder)  # one that starts again would be forked, and share its memory
    with hub:
        server = Server(port, hub.pid, stock.names, stock.tokens)
        before, used = resident(hub.pid), cpu_seconds(hub.pid)
        seconds = [uvloop.run(_return(server, number)) for number in range(_ROUNDS)]
        grown, used = resident(hub.pid) - before, cpu_seconds(hub.pid) - used
    rate = median(_MISSED / taken for taken in seconds)
    return [
        Figure(
            "P9",
            f"replay of {_MISSED:,} missed lines over IRC, with tags",
            f">= {_TARGET:,} lines/s, memory flat",
            f"{rate:,.0f} lines/s; memory {grown:+.1f} MiB over {_ROUNDS} replays",
            met=rate >= _TARGET,
            detail={"seconds": seconds, "grown": grown, "lines_per_cpu_second": _MISSED * _ROUNDS / used},
        )
    ]


async def _visit(server: Server) -> None:
    """Let everybody join the channel once, and go."""
    for number in range(_ROUNDS):
        client = await connect(server, number, f"#{_CHANNEL}")
        await client.sync()
        client.send(b"QUIT\r\n")
        while client.connected:  # noqa: ASYNC110 - a moment
            await asyncio.sleep(0.01)


async def _talk(hub: HubProcess, stock: Stock) -> None:
    """Store what one says in the channel while nobody else is there."""
    async with administration(load_settings(None, hub.env)) as offline:
        await fill(offline, Stock(stock.names[-1:], stock.tokens[-1:], [_CHANNEL]), _MISSED)


async def _return(server: Server, number: int) -> float:
    """Connect, and return the seconds until everything has come."""
    done = asyncio.Event()
    received = 0

    def arrived(_: Client, data: bytes, _count: int) -> None:
        nonlocal received
        received += data.count(b" PRIVMSG ")
        if received >= _MISSED:
            done.set()

    client = Client()
    client.arrived = arrived
    begin = time.perf_counter()
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", server.port)
    name, token = server.names[number], server.tokens[number]
    client.send(
        f"PASS {token}\r\nCAP REQ :{_CAPABILITIES}\r\nNICK {name}\r\nUSER {name} 0 * :x\r\nCAP END\r\n".encode()
    )
    await asyncio.wait_for(done.wait(), _TIMEOUT)
    taken = time.perf_counter() - begin
    client.close()
    return taken
