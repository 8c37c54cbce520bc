"""Pace: calls to a platform wait for their turn in its budgets, each channel on its own; none is refused."""

import asyncio
import time
from collections.abc import Callable, Mapping

from hub.relay.contract.platform import Budget, Call, Rate

_FORGET_AFTER = 10_000


class Pace:
    """Token buckets of one platform. They outlive its bridges, so that starting again gives no new burst."""

    def __init__(self, budgets: Mapping[Call, Budget], clock: Callable[[], float] = time.monotonic) -> None:
        self._budgets = budgets
        self._clock = clock
        self._buckets: dict[tuple[Call, str | None], _Bucket] = {}
        self._blocked_until = 0.0

    async def wait(self, call: Call, channel: str) -> None:
        """Return when the call may be made, and count it."""
        if (wait := self._blocked_until - self._clock()) > 0:
            await asyncio.sleep(wait)
        budget = self._budgets.get(call)
        if budget is None:
            return
        for rate, key in ((budget.channel, channel), (budget.everywhere, None)):
            if rate is not None and (delay := self._bucket(call, key, rate).take(self._clock())) > 0:
                await asyncio.sleep(delay)

    def block(self, seconds: float) -> None:
        """Let no call through for so long: the platform said so."""
        self._blocked_until = max(self._blocked_until, self._clock() + seconds)

    def _bucket(self, call: Call, key: str | None, rate: Rate) -> "_Bucket":
        bucket = self._buckets.get((call, key))
        if bucket is None:
            if len(self._buckets) > _FORGET_AFTER:
                self._buckets.clear()
            bucket = self._buckets[call, key] = _Bucket(rate, self._clock())
        return bucket


class _Bucket:
    """What is taken beyond its tokens is owed, and waited for.

    It starts with one token, so that a hub that is started again and again gets no burst each time.
    """

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = 1.0
        self._at = now

    def take(self, now: float) -> float:
        """Take a token; return after how many seconds it is there."""
        self._tokens = min(self._rate.burst, self._tokens + (now - self._at) * self._rate.per_second) - 1
        self._at = now
        return max(0.0, -self._tokens / self._rate.per_second)
