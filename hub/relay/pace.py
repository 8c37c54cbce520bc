"""Pace: calls to a platform wait for their turn in its budgets, each channel on its own; none is refused."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from hub.relay.contract.errors import SlowDown
from hub.relay.contract.platform import Budget, Call, Rate
from hub.relay.quotas import Counted

REMEMBERED_SECONDS = 120.0
"""How long what was posted matters: no budget looks back further."""

EVERYTHING = "*"
CONNECTING = "connect"
"""What a platform can close, beside kinds of calls, such a kind in one channel, reading over a link, and questions."""

_FORGET_AFTER = 10_000

Remember = Callable[[str, float], Awaitable[None]]
"""Keeps durably that something is closed for so many seconds."""


class Pace:
    """What was called lately on one platform. It outlives its bridges, so that starting again gives no new burst."""

    def __init__(
        self,
        budgets: Mapping[Call, Budget],
        clock: Callable[[], float] = time.monotonic,
        remember: Remember | None = None,
    ) -> None:
        self._budgets = budgets
        self._clock = clock
        self._remember = remember
        self._buckets: dict[tuple[Call, str | None], _Bucket] = {}
        self._counted: dict[tuple[Call, str], list[Counted]] = {}
        self._closed: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, call: Call, channel: str) -> AsyncIterator[None]:
        """Wait until the call may be made, and count it; it is made inside. What the platform then closes stays so."""
        budget = self._budgets.get(call, Budget())
        for rate, key in ((budget.channel, channel), (budget.everywhere, None)):
            if rate is not None and (delay := self._bucket(call, key, rate).take(self._clock())) > 0:
                await asyncio.sleep(delay)
        counted = self._counts(Call.POST if call is Call.FILE else call, channel)
        while (wait := self._wait(call, channel, counted)) > 0:  # noqa: ASYNC110 - what it waits for is time
            await asyncio.sleep(wait)
        for one in counted:
            one.begin()
        try:
            yield
        except SlowDown as error:
            if error.retry_after is not None:
                in_channel = budget.channel is not None or budget.everywhere is None
                scope = f"{call} {channel}" if in_channel else f"{call}"
                await self.close(EVERYTHING if error.everywhere else scope, error.retry_after)
            raise
        finally:
            for one in counted:
                one.end(self._clock())

    async def close(self, scope: str, seconds: float) -> None:
        """Let nothing of a scope through for so long, over a start of the hub too: the platform said so."""
        self.closed(scope, seconds)
        if self._remember is not None:
            await self._remember(scope, self._closed[scope] - self._clock())

    def closed(self, scope: str, seconds: float) -> None:
        """Say for how long something is closed still."""
        self._closed[scope] = max(self._closed.get(scope, 0.0), self._clock() + seconds)

    def closed_for(self, *scopes: str) -> float:
        """Return for how many seconds more any of these is closed."""
        now = self._clock()
        return max(self._closed.get(scope, now) - now for scope in (EVERYTHING, *scopes))

    async def opened(self, scope: str) -> None:
        """Return when nothing closes a scope."""
        while (wait := self.closed_for(scope)) > 0:  # noqa: ASYNC110 - what it waits for is time
            await asyncio.sleep(wait)

    def recall(self, channel: str, ages: Iterable[float]) -> None:
        """Count the posts of a hub that was ended: so many seconds ago each was answered, or may have been."""
        now = self._clock()
        moments = sorted(now - age for age in ages)
        for one in self._counts(Call.POST, channel):
            one.recall(moments)
        rate = self._budgets.get(Call.POST, Budget()).channel
        if rate is not None and moments:
            bucket = self._buckets[Call.POST, channel] = _Bucket(rate, moments[0], rate.burst)
            for moment in moments:
                bucket.take(moment)

    def _wait(self, call: Call, channel: str, counted: list[Counted]) -> float:
        now = self._clock()
        closed = self.closed_for(f"{call}", f"{call} {channel}")
        return max(closed, *(one.wait(now) for one in counted), 0.0)

    def _counts(self, call: Call, channel: str) -> list[Counted]:
        known = self._counted.get((call, channel))
        if known is None:
            quotas = self._budgets.get(call, Budget()).quotas
            known = self._counted[call, channel] = [Counted(quota) for quota in quotas]
        return known

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

    def __init__(self, rate: Rate, now: float, tokens: float = 1.0) -> None:
        self._rate = rate
        self._tokens = tokens
        self._at = now

    def take(self, now: float) -> float:
        """Take a token; return after how many seconds it is there."""
        self._tokens = min(self._rate.burst, self._tokens + (now - self._at) * self._rate.per_second) - 1
        self._at = now
        return max(0.0, -self._tokens / self._rate.per_second)
