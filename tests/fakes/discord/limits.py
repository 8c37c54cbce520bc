"""Rate limits (https://docs.discord.com/developers/topics/rate-limits): told in headers, enforced, and counted.

A limit is a fixed window: so many calls from the first one on. ``violations`` counts calls over a limit, by bucket.
"""

from collections import Counter
from dataclasses import dataclass

from .settings import Settings

_TELLING_SECONDS = 0.1
"""So long calls can be under way that left when nobody knew of a 429 to another one."""


@dataclass(slots=True)
class Window:
    """So many calls in so many seconds."""

    calls: int
    seconds: float
    ends: float = 0.0
    used: int = 0

    def take(self, now: float) -> float:
        """Seconds to wait before this call is within the limit; 0 counts it."""
        if now >= self.ends:
            self.ends, self.used = now + self.seconds, 0
        if self.used >= self.calls:
            return self.ends - now
        self.used += 1
        return 0.0

    def headers(self, name: str, now: float) -> dict[str, str]:
        """What clients are told of it."""
        left = max(0.0, self.ends - now)
        return {
            "X-RateLimit-Limit": str(self.calls),
            "X-RateLimit-Remaining": str(max(0, self.calls - self.used)),
            "X-RateLimit-Reset": f"{self.ends:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": name,
        }


@dataclass(slots=True, frozen=True)
class Bucket:
    """Which limits a call is under: ``name`` is told to clients, ``major`` tells channels or webhooks apart.

    ``hidden`` is a second limit that no header tells of, with what it is counted by.
    """

    name: str
    major: str
    rate: tuple[int, float]
    hidden: tuple[str, tuple[int, float]] | None = None


class Limits:
    """All windows of one application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.violations: Counter[str] = Counter()
        self.broken: list[str] = []
        """In words: each call over a limit, where, and by how much it came too early."""
        self._windows: dict[tuple[str, str], Window] = {}
        self._blocked: dict[tuple[str, str], tuple[float, float]] = {}

    def check(self, bucket: Bucket, *, by_bot: bool) -> tuple[float, str]:
        """Count the call. Returns the seconds to refuse it with (0 lets it pass) and whose limit it is."""
        now = self._settings.clock()
        for key in ((bucket.name, bucket.major), ("*", "*")):
            told, until = self._blocked.get(key, (0.0, 0.0))
            if (early := until - now) > 0 and now >= told:
                self._note(f"{bucket.name} before retry_after", bucket.major, early)
        if by_bot and (wait := self._window("*", "*", self._settings.global_rate).take(now)):
            self._note("global", bucket.name, wait)
            return wait, "global"
        if bucket.hidden and (wait := self._window("hidden", bucket.hidden[0], bucket.hidden[1]).take(now)):
            self._note(f"{bucket.name} hidden", bucket.hidden[0], wait)
            return wait, "shared"
        wait = self._window(bucket.name, bucket.major, bucket.rate).take(now)
        if wait:
            self._note(bucket.name, bucket.major, wait)
        return wait, "user"

    def block(self, bucket: Bucket, seconds: float, *, everywhere: bool = False) -> None:
        """A 429 was sent; calling again before its time is a violation, but for calls that met it on their way."""
        key = ("*", "*") if everywhere else (bucket.name, bucket.major)
        now = self._settings.clock()
        self._blocked[key] = now + (_TELLING_SECONDS if everywhere else 0.0), now + seconds

    def headers(self, bucket: Bucket) -> dict[str, str]:
        """What an answer tells of the call's bucket."""
        window = self._window(bucket.name, bucket.major, bucket.rate)
        return window.headers(bucket.name, self._settings.clock())

    def _note(self, limit: str, where: str, early: float) -> None:
        self.violations[limit] += 1
        self.broken.append(f"Discord: {limit} ({where}), {early:.3f} s too early")

    def _window(self, name: str, major: str, rate: tuple[int, float]) -> Window:
        return self._windows.setdefault((name, major), Window(*rate))
