"""Rate limits as Discord tells of them in headers: calls wait until their bucket has room.

https://docs.discord.com/developers/topics/rate-limits
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.relay.contract.errors import SlowDown
from hub.relay.contract.platform import Quota
from hub.relay.quotas import Counted

PATIENCE_SECONDS = 10.0
"""How long a call waits for its bucket; a longer wait is the relay's, whose other channels go on meanwhile."""

_EVERYWHERE = Quota(32, 1.0)
"""Calls of the whole bot. Discord allows fifty, and a few are made by the library that listens."""
_BEFORE = 18
"""Of those, as many may have been made in the second before the start, by a hub that was ended."""
_KEPT = 2_000
_LOOK_SECONDS = 0.05
_ID = re.compile(r"/(?:\d{15,21}|@original)(?=/|$)")
_EMOJI = re.compile(r"(?<=/reactions)/[^/]+")


@dataclass(slots=True)
class _Bucket:
    """So many calls remain until a moment; when that is over, or nothing is known, one call at a time finds out."""

    remaining: int = 0
    resets_at: float = float("-inf")
    under_way: int = 0

    def wait(self, now: float) -> float:
        """Return after how many seconds it is worth asking again; 0 when a call may leave."""
        if now < self.resets_at:
            return 0.0 if self.remaining > 0 else self.resets_at - now
        return _LOOK_SECONDS if self.under_way else 0.0


class Buckets:
    """What is known of the limits of one bot. `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._names: dict[str, str] = {}
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._everywhere = Counted(_EVERYWHERE)
        self._everywhere.recall([clock()] * _BEFORE)
        self._closed_until = float("-inf")

    @asynccontextmanager
    async def turn(self, method: str, path: str) -> AsyncIterator[None]:
        """Wait until the call may be made, and count it; it is made inside.

        Raises:
            SlowDown: that takes too long.
        """
        while True:
            now, bucket = self._clock(), self._bucket(self._key(method, path))
            if (seconds := max(bucket.wait(now), self._closed_until - now)) > PATIENCE_SECONDS:
                raise SlowDown("Discord's rate limit is used up", seconds, everywhere=self._closed_until > now)
            if (seconds := max(seconds, self._everywhere.wait(now))) <= 0:
                break
            await asyncio.sleep(seconds)
        bucket.remaining -= 1
        bucket.under_way += 1
        self._everywhere.begin()
        try:
            yield
        finally:
            bucket.under_way -= 1
            self._everywhere.end(self._clock())

    def learn(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Take note of what an answer tells about the call's bucket."""
        name = headers.get("X-RateLimit-Bucket")
        if name is None:
            return
        try:
            remaining = int(headers["X-RateLimit-Remaining"])
            seconds = float(headers["X-RateLimit-Reset-After"])
        except (KeyError, ValueError):
            return
        self._name(_route(method, path), name)
        self._note(self._key(method, path), remaining, self._clock() + seconds)

    def close(self, method: str, path: str, seconds: float, *, everywhere: bool) -> None:
        """Let no such call through for so long, or none at all: Discord said so."""
        until = self._clock() + seconds
        if everywhere:
            self._closed_until = max(self._closed_until, until)
        else:
            bucket = self._bucket(self._key(method, path))
            bucket.remaining, bucket.resets_at = 0, max(bucket.resets_at, until)

    def _name(self, route: str, name: str) -> None:
        """Take note of what Discord calls a route's buckets, also of those in which calls are under way."""
        before = self._names.get(route, route)
        self._names[route] = name
        if before != name:
            for key in [key for key in self._buckets if key.startswith(f"{before} ")]:
                self._buckets.setdefault(f"{name} {key.removeprefix(before).lstrip()}", self._buckets.pop(key))

    def _note(self, key: str, remaining: int, resets_at: float) -> None:
        """Take over what an answer tells, but for calls that are under way: they may be counted in it or not."""
        bucket = self._bucket(key)
        remaining -= max(0, bucket.under_way - 1)
        if bucket.resets_at > self._clock():
            remaining, resets_at = min(bucket.remaining, remaining), max(bucket.resets_at, resets_at)
        bucket.remaining, bucket.resets_at = remaining, resets_at

    def _bucket(self, key: str) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket())
        self._buckets.move_to_end(key)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return bucket

    def _key(self, method: str, path: str) -> str:
        route = _route(method, path)
        return f"{self._names.get(route, route)} {_major(path)}"


def _major(path: str) -> str:
    """Return what tells buckets of one route apart: the channel or guild, or the webhook with its token."""
    parts = path.split("/")
    return "/".join(parts[1 : 4 if parts[1] == "webhooks" else 3])


def _route(method: str, path: str) -> str:
    """Return the call with everything in it that names one single thing left out."""
    parts = path.split("/")
    if parts[1] in {"webhooks", "interactions"} and len(parts) > 3:
        parts[3] = "*"
    return f"{method} {_EMOJI.sub('/*', _ID.sub('/*', '/'.join(parts)))}"
