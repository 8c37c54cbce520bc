"""Rounds: who has nothing to be asked is left alone until something comes or it is time; nobody is forgotten."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from bridges.irc.log import rounds
from bridges.irc.log.rounds import Rounds
from tests.waiting import eventually


class _Session:
    def __init__(self) -> None:
        self.resting = False
        self.looks = 0
        self.until: Callable[[float], float | None] = lambda _: None


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_ROUND_SECONDS", 0.02)


def _look_after(session: Any, now: float) -> float | None:
    session.looks += 1
    until: float | None = session.until(now)
    return until


async def _going(followed: Rounds, story: Callable[[], Any]) -> None:
    running = asyncio.create_task(followed.run())
    try:
        await story()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.usefixtures("quick")
async def test_session_that_rests_is_looked_after_only_when_something_comes() -> None:
    followed, quiet, busy = Rounds(_look_after), _Session(), _Session()
    quiet.until = lambda now: now + 3600
    for session in (quiet, busy):
        followed.follow(cast("Any", session))

    async def story() -> None:
        await eventually(lambda: busy.looks > 10 and quiet.resting)
        assert quiet.looks == 1
        followed.wake(cast("Any", quiet))
        assert not quiet.resting
        seen = busy.looks
        await eventually(lambda: busy.looks > seen + 10 and quiet.resting)
        assert quiet.looks == 2

    await _going(followed, story)


@pytest.mark.usefixtures("quick")
async def test_session_that_rests_is_woken_when_it_is_time() -> None:
    followed, session = Rounds(_look_after), _Session()
    session.until = lambda now: now + 0.05
    followed.follow(cast("Any", session))
    await _going(followed, lambda: eventually(lambda: session.looks >= 3))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("untils", [(0.05, 0.2, 3600.0), (3600.0, 0.05, 3600.0)], ids=["later", "sooner"])
async def test_session_that_was_woken_rests_up_to_its_new_time(untils: tuple[float, ...]) -> None:
    followed, session = Rounds(_look_after), _Session()
    session.until = lambda now: now + untils[min(session.looks, 3) - 1]
    followed.follow(cast("Any", session))

    async def story() -> None:
        await eventually(lambda: session.resting)
        followed.wake(cast("Any", session))
        await eventually(lambda: session.looks >= 3 and session.resting)

    await _going(followed, story)


@pytest.mark.usefixtures("quick")
async def test_session_that_is_gone_is_looked_after_no_more() -> None:
    followed, gone, busy = Rounds(_look_after), _Session(), _Session()
    gone.until = lambda now: now + 0.01
    for session in (gone, busy):
        followed.follow(cast("Any", session))

    async def story() -> None:
        await eventually(lambda: gone.resting)
        followed.forget(cast("Any", gone))
        followed.wake(cast("Any", gone))
        looks, seen = gone.looks, busy.looks
        await eventually(lambda: busy.looks > seen + 5)
        assert gone.looks == looks

    await _going(followed, story)
