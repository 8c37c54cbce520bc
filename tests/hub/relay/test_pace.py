import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest

from hub.relay import pace as module
from hub.relay.contract.errors import NotReady, SlowDown
from hub.relay.contract.platform import Budget, Call, Quota, Rate
from hub.relay.pace import EVERYTHING, Pace
from tests import virtual_time


class Ticks:
    """A clock that stands still, on which whoever sleeps says how long."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def waited(self, pace: Pace, call: Call, channel: str) -> float:
        """Return how many seconds a call waits for its turn."""
        before = sum(self.slept)
        async with pace.turn(call, channel):
            return round(sum(self.slept) - before, 6)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    ticks = Ticks()
    monkeypatch.setattr(module, "asyncio", SimpleNamespace(sleep=ticks.sleep))
    return ticks


async def test_channel_gets_its_burst_back_and_others_do_not_wait(ticks: Ticks) -> None:
    pace = Pace({Call.POST: Budget(channel=Rate(per_second=20, burst=2))}, ticks)
    assert await ticks.waited(pace, Call.POST, "a") == 0  # one at first, no burst
    assert await ticks.waited(pace, Call.POST, "a") == 0.05
    assert await ticks.waited(pace, Call.POST, "b") == 0
    assert await ticks.waited(pace, Call.EDIT, "a") == 0
    ticks.now += 60
    assert await ticks.waited(pace, Call.POST, "a") == 0
    assert await ticks.waited(pace, Call.POST, "a") == 0
    assert await ticks.waited(pace, Call.POST, "a") == 0.05


async def test_budget_for_all_channels_is_shared(ticks: Ticks) -> None:
    pace = Pace({Call.POST: Budget(everywhere=Rate(per_second=20, burst=1))}, ticks)
    assert await ticks.waited(pace, Call.POST, "a") == 0
    assert await ticks.waited(pace, Call.POST, "b") == 0.05


def test_platform_that_asks_for_patience_gets_it_from_all() -> None:
    async def story() -> None:
        pace, began = Pace({}, virtual_time.now), virtual_time.now()
        await pace.close(EVERYTHING, 0.1)
        for _ in range(2):
            async with pace.turn(Call.TOPIC, "a"):
                assert virtual_time.now() == pytest.approx(began + 0.1)

    virtual_time.run(story())


@pytest.mark.parametrize(
    ("error", "budget", "scope", "closed"),
    [
        (SlowDown("", 5.0), Budget(channel=Rate(100.0)), "edit a", {(Call.EDIT, "a")}),
        (SlowDown("", 5.0), Budget(everywhere=Rate(100.0)), "edit", {(Call.EDIT, "a"), (Call.EDIT, "b")}),
        (SlowDown("", 5.0), Budget(), "edit a", {(Call.EDIT, "a")}),
        (SlowDown("", 5.0, everywhere=True), Budget(), "*", {(it, at) for it in (Call.EDIT, Call.POST) for at in "ab"}),
        (SlowDown(""), Budget(), None, set()),
        (NotReady("the app was thrown out", 5.0), Budget(), None, set()),
    ],
)
def test_what_a_platform_closes_stays_closed_and_is_remembered(
    error: NotReady, budget: Budget, scope: str | None, closed: set[tuple[Call, str]]
) -> None:
    remembered: list[tuple[str, float]] = []

    async def remember(scope: str, seconds: float) -> None:
        remembered.append((scope, seconds))

    async def story() -> None:
        pace, began = Pace({Call.EDIT: budget}, virtual_time.now, remember), virtual_time.now()
        with pytest.raises(type(error)):
            async with pace.turn(Call.EDIT, "a"):
                raise error
        for call in (Call.POST, Call.EDIT):
            for channel in "ab":
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(began + 4.0), pace.turn(call, channel):
                        assert (call, channel) not in closed
        assert virtual_time.now() == began + (4.0 if closed else 0.0)
        await asyncio.sleep(began + 5.0 - virtual_time.now())
        for call, channel in closed:
            async with pace.turn(call, channel):
                assert virtual_time.now() < began + 5.1

    virtual_time.run(story())
    assert remembered == ([(scope, 5.0)] if scope else [])


def test_what_is_closed_longer_already_stays_so() -> None:
    remembered: list[tuple[str, float]] = []

    async def remember(scope: str, seconds: float) -> None:
        remembered.append((scope, seconds))

    async def story() -> None:
        pace = Pace({}, virtual_time.now, remember)
        await pace.close("edit", 60.0)
        await pace.close("edit", 5.0)
        assert pace.closed_for("edit") == 60.0

    virtual_time.run(story())
    assert remembered == [("edit", 60.0)] * 2


def test_what_was_posted_before_the_start_counts() -> None:
    async def story() -> None:
        budget = Budget(channel=Rate(1.0, 3), quotas=(Quota(4, 10.0),))
        pace, began = Pace({Call.POST: budget}, virtual_time.now), virtual_time.now()
        pace.recall("a", [9.0, 8.0, 1.0])
        made = []
        for call in (Call.POST, Call.FILE, Call.POST):
            async with pace.turn(call, "a"):
                made.append(round(virtual_time.now() - began, 3))
        assert made == [0.0, 1.0, 2.0]
        async with pace.turn(Call.POST, "b"):
            assert virtual_time.now() - began == pytest.approx(2.0)

    virtual_time.run(story())


async def test_who_waits_together_is_let_through_one_after_the_other(ticks: Ticks) -> None:
    pace = Pace({Call.POST: Budget(channel=Rate(per_second=50, burst=1))}, ticks)
    await asyncio.gather(*(ticks.waited(pace, Call.POST, "a") for _ in range(6)))
    assert ticks.slept == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])
