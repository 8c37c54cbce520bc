"""How many requests a principal may make: sliding windows of a minute, in memory.

What must survive a restart or count over several hubs (registrations, attempts to enrol) is counted by `hub.core`.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

from airchat.protocol.errors import RateLimited
from hub.api.endpoint import Bucket

WINDOW = 60.0
_KEYS = 10_000


class RateWindows:
    """One window per bucket and principal; those that were idle longest are forgotten beyond 10,000."""

    def __init__(self, limits: Mapping[Bucket, int], now: Callable[[], float] = time.monotonic) -> None:
        self._limits = dict(limits)
        self._now = now
        self._hits: OrderedDict[tuple[Bucket, str], deque[float]] = OrderedDict()

    def hit(self, bucket: Bucket, key: str) -> None:
        """Count a request.

        Raises:
            RateLimited: the window is full; the request is not counted, and the seconds to wait are named.
        """
        limit = self._limits[bucket]
        if not limit:
            return
        now = self._now()
        hits = self._window((bucket, key))
        while hits and hits[0] <= now - WINDOW:
            hits.popleft()
        if len(hits) >= limit:
            raise RateLimited(retry_after=math.ceil(hits[0] + WINDOW - now))
        hits.append(now)

    def _window(self, key: tuple[Bucket, str]) -> deque[float]:
        hits = self._hits.get(key)
        if hits is None:
            hits = self._hits[key] = deque()
            if len(self._hits) > _KEYS:
                self._hits.popitem(last=False)
        else:
            self._hits.move_to_end(key)
        return hits
