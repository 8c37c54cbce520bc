import asyncio
from types import SimpleNamespace

import pytest

from hub.relay import pace as module
from hub.relay.contract.platform import Budget, Call, Quota, Rate
from hub.relay.pace import Pace
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
        pace.block(0.1)
        for _ in range(2):
            async with pace.turn(Call.TOPIC, "a"):
                assert virtual_time.now() == pytest.approx(began + 0.1)

    virtual_time.run(story())


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
