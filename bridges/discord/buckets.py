"""Rate limits as Discord tells of them in headers: calls wait until their bucket has room.

https://docs.discord.com/developers/topics/rate-limits
"""

import asyncio
import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hub.relay.contract.errors import NotReady

PATIENCE_SECONDS = 10.0
"""How long a call waits for its bucket; a longer wait is the relay's, whose other channels go on meanwhile."""

_PER_SECOND = 35
"""Calls a second of the whole bot. Discord allows fifty as they arrive, some of them later than others."""
_PER_MINUTE = 30
_MINUTE = 60.5
"""So much a webhook may post in a minute (and a little), which no header tells."""
_KEPT = 2_000
_WEBHOOK = re.compile(r"/webhooks/\d+/[^/]+")
_ID = re.compile(r"/(?:\d{15,21}|@original)(?=/|$)")
_EMOJI = re.compile(r"(?<=/reactions)/[^/]+")


@dataclass(slots=True)
class _Bucket:
    remaining: int
    resets_at: float


class Buckets:
    """What is known of the limits of one bot. `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._names: dict[str, str] = {}
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._posted: OrderedDict[str, deque[float]] = OrderedDict()
        self._made: deque[float] = deque(maxlen=_PER_SECOND)

    async def wait(self, method: str, path: str) -> None:
        """Return when the call may be made, and count it.

        Raises:
            NotReady: that takes too long.
        """
        if method == "POST" and _WEBHOOK.fullmatch(path):
            await self._posts(path)
        await self._everywhere()
        bucket = self._buckets.get(self._key(method, path))
        while bucket is not None and bucket.remaining <= 0:
            seconds = bucket.resets_at - self._clock()
            if seconds <= 0:
                break
            if seconds > PATIENCE_SECONDS:
                raise NotReady("Discord's rate limit is used up", seconds)
            await asyncio.sleep(seconds)
        if bucket is not None:
            bucket.remaining -= 1

    def counts(self, webhook: str) -> bool:
        """Tell whether posts to that path are counted already."""
        return webhook in self._posted

    def recall(self, webhook: str, ages: Iterable[float]) -> None:
        """Count posts from before, made so many seconds ago, the oldest first."""
        now = self._clock()
        self._posted[webhook] = deque((now - age for age in ages), maxlen=_PER_MINUTE)

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
        self._names[_route(method, path)] = name
        key = self._key(method, path)
        self._note(key, remaining, self._clock() + seconds)

    def _note(self, key: str, remaining: int, resets_at: float) -> None:
        known = self._buckets.get(key)
        if known is not None and known.resets_at > self._clock():
            # calls that are under way are counted here already, but not in the answer to one before them
            remaining = min(known.remaining, remaining)
            known.remaining, known.resets_at = remaining, max(known.resets_at, resets_at)
        else:
            self._buckets[key] = _Bucket(remaining, resets_at)
        self._buckets.move_to_end(key)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)

    def _key(self, method: str, path: str) -> str:
        route = _route(method, path)
        return f"{self._names.get(route, route)} {_major(path)}"

    async def _posts(self, webhook: str) -> None:
        """Wait until a webhook has posted less than so much in the minute before; it is the only one of its channel."""
        made = self._posted.setdefault(webhook, deque(maxlen=_PER_MINUTE))
        self._posted.move_to_end(webhook)
        if len(self._posted) > _KEPT:
            self._posted.popitem(last=False)
        now = self._clock()
        at = max(now, made[0] + _MINUTE) if len(made) == _PER_MINUTE else now
        if at - now > PATIENCE_SECONDS:
            raise NotReady("Discord takes no more in the channel this minute", at - now)
        made.append(at)
        if at > now:
            await asyncio.sleep(at - now)

    async def _everywhere(self) -> None:
        """Wait for a moment with less than so many calls of the bot in the second before; each takes its own."""
        now = self._clock()
        at = max(now, self._made[0] + 1) if len(self._made) == _PER_SECOND else now
        self._made.append(at)
        if at > now:
            await asyncio.sleep(at - now)


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
