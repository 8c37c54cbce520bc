"""P8: how long reading and searching take among very many messages, at the use-cases over the real store."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from airchat.protocol.principals import Principal
from hub.administration import Administration, administration
from hub.settings import Settings, load_settings
from tests.bench.benchmark import Figure, Setting
from tests.bench.percentiles import spread
from tests.bench.stock import CHANNELS, COMMON, MEDIUM, RARE, Stock

_TIMES = 200
_WARMUP = 20
_WORDS = (COMMON, MEDIUM, RARE)
Ask = Callable[[Administration, Principal, str, int], Awaitable[object]]
"""Asks as somebody, about a channel, at a moment in the time of the stored messages; the number is also a chance."""


async def _last(hub: Administration, who: Principal, channel: str, _: int) -> object:
    return await hub.cases.messages.read(who, channel, 50)


async def _page(hub: Administration, who: Principal, channel: str, moment: int) -> object:
    return await hub.cases.messages.read(who, channel, 50, before=moment)


async def _newest(hub: Administration, who: Principal, _: str, moment: int) -> object:
    return await hub.cases.search.messages(who, _WORDS[moment % len(_WORDS)], newest_first=True, limit=20)


async def _ranked(hub: Administration, who: Principal, _: str, moment: int) -> object:
    return await hub.cases.search.messages(who, _WORDS[moment % len(_WORDS)], limit=20)


async def _board(hub: Administration, who: Principal, _: str, __: int) -> object:
    return await hub.cases.channels.board(who)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, and the milliseconds that 95 % of the answers may take."""

    name: str
    ask: Ask
    target: float


ASKED = (
    Asked("last 50 of a channel", _last, 1),
    Asked("page of 50 before a moment", _page, 1),
    Asked("search, newest first", _newest, 5),
    Asked("search, ranked", _ranked, 25),
    Asked(f"board with {CHANNELS} channels", _board, 10),
)


def measure(setting: Setting) -> list[Figure]:
    """Measure P8."""
    size = setting.library.largest
    hub, stock = setting.library.hub(setting.folder, size)
    setting.say(f"reading among {size:,} messages")
    figures = asyncio.run(_read(load_settings(None, hub.env), stock))
    return [replace(figure, work=f"{figure.work}, {size:,} messages stored") for figure in figures]


async def _read(settings: Settings, stock: Stock) -> list[Figure]:
    async with administration(settings) as hub:
        reader = hub.cases.directory.principal_by_name(stock.names[0])
        if reader is None:
            raise LookupError(stock.names[0])
        for channel in stock.channels:
            await hub.cases.channels.join(reader, channel)
            await hub.cases.messages.read(reader, channel, 1)  # from now on they count as read
        moments = await _moments(hub)
        return [await _figure(hub, reader, stock, moments, asked) for asked in ASKED]


async def _moments(hub: Administration) -> range:
    """Return the time over which the messages were stored."""
    async with hub.store.read() as unit:
        head = await unit.events.head()
        first, last = (await unit.events.after(0, 1))[0], (await unit.events.after(head - 1, 1))[0]
    return range(first.created_at, last.created_at + 1)


async def _figure(hub: Administration, reader: Principal, stock: Stock, moments: range, asked: Asked) -> Figure:
    chance = random.Random(asked.name)
    times = []
    for turn in range(_TIMES + _WARMUP):
        channel, moment = chance.choice(stock.channels), chance.choice(moments)
        begin = time.perf_counter()
        await asked.ask(hub, reader, channel, moment)
        if turn >= _WARMUP:
            times.append((time.perf_counter() - begin) * 1000)
    found = spread(times)
    return Figure(
        "P8",
        asked.name,
        f"p95 <= {asked.target:g} ms",
        f"p95 {found['p95']:.2f} ms (p50 {found['p50']:.2f})",
        met=found["p95"] <= asked.target,
        detail=dict(found),
    )
