"""Quotas: so many calls within so many seconds, counted so that a platform never finds more, whatever is late."""

from collections import deque
from collections.abc import Iterable

from hub.relay.contract.platform import Quota

_LOOK_SECONDS = 0.05


class Counted:
    """What was called under one quota.

    When a call arrives is unknown, but for this: between its leaving and its answer. So it counts from the one until so
    many seconds after the other, and whatever is late by how much, never more arrive within the time. Moments are
    seconds of any clock that never goes back.
    """

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._under_way = 0
        self._answered: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return after how many seconds it is worth asking again; 0 when a call may leave."""
        while self._answered and self._answered[0] + self._quota.seconds <= now:
            self._answered.popleft()
        if self._under_way + len(self._answered) < self._quota.calls:
            return 0.0
        return self._answered[0] + self._quota.seconds - now if self._answered else _LOOK_SECONDS

    def begin(self) -> None:
        """Count a call that leaves."""
        self._under_way += 1

    def end(self, now: float) -> None:
        """Say that a call was answered, or given up."""
        self._under_way -= 1
        self._answered.append(now)

    def recall(self, moments: Iterable[float]) -> None:
        """Count calls from before, by when each was answered, instead of what is known."""
        self._answered = deque(sorted(moments))
