import asyncio
from typing import Any, cast

from bridges.irc.causes import Causes


def causes() -> Causes:
    return Causes(cast("Any", None))


async def finished(*tasks: asyncio.Task[None]) -> list[bool]:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_over_waits_for_what_began_before_and_for_nothing_later() -> None:
    under_way = causes()
    session = cast("Any", object())
    await under_way.over()  # nothing is

    first, second = under_way.begin("a", session), under_way.begin("b", session)
    early = asyncio.create_task(under_way.over())
    await asyncio.sleep(0)
    third = under_way.begin("c", session)
    late = asyncio.create_task(under_way.over())
    assert await finished(early, late) == [False, False]
    under_way.end("b", second)
    assert await finished(early, late) == [False, False]
    under_way.end("a", first)
    assert await finished(early, late) == [True, False]
    under_way.end("c", third)
    assert await finished(late) == [True]
    assert under_way.of("c") is None


async def test_over_survives_who_waits_no_longer() -> None:
    under_way = causes()
    number = under_way.begin("a", cast("Any", object()))
    gone = asyncio.create_task(under_way.over())
    stays = asyncio.create_task(under_way.over())
    await asyncio.sleep(0)
    gone.cancel()
    await finished(gone)
    under_way.end("a", number)
    assert await finished(stays) == [True]
