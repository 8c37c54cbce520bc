import asyncio
import time

from hub.relay.contract.platform import Budget, Call, Rate
from hub.relay.pace import Pace


class Ticks:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def waited(pace: Pace, call: Call, channel: str) -> float:
    started = time.monotonic()
    await pace.wait(call, channel)
    return time.monotonic() - started


async def test_channel_gets_its_burst_back_and_others_do_not_wait() -> None:
    ticks = Ticks()
    pace = Pace({Call.POST: Budget(channel=Rate(per_second=20, burst=2))}, ticks)
    assert await waited(pace, Call.POST, "a") < 0.03  # one at first, no burst
    assert await waited(pace, Call.POST, "a") >= 0.045
    assert await waited(pace, Call.POST, "b") < 0.03
    assert await waited(pace, Call.EDIT, "a") < 0.03
    ticks.now += 60
    assert await waited(pace, Call.POST, "a") < 0.03
    assert await waited(pace, Call.POST, "a") < 0.03
    assert await waited(pace, Call.POST, "a") >= 0.045


async def test_budget_for_all_channels_is_shared() -> None:
    pace = Pace({Call.POST: Budget(everywhere=Rate(per_second=20, burst=1))}, Ticks())
    assert await waited(pace, Call.POST, "a") < 0.03
    assert await waited(pace, Call.POST, "b") >= 0.045


async def test_platform_that_asks_for_patience_gets_it_from_all() -> None:
    pace = Pace({})
    pace.block(0.1)
    assert await waited(pace, Call.TOPIC, "a") >= 0.09
    assert await waited(pace, Call.TOPIC, "a") < 0.03


async def test_who_waits_together_is_let_through_one_after_the_other() -> None:
    pace = Pace({Call.POST: Budget(channel=Rate(per_second=50, burst=1))})
    started = time.monotonic()
    await asyncio.gather(*(pace.wait(Call.POST, "a") for _ in range(6)))
    assert time.monotonic() - started >= 0.09
