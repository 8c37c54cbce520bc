"""Rate limits (https://docs.slack.dev/apis/web-api/rate-limits): counts violations, refuses if told to."""

from collections import Counter
from dataclasses import dataclass

from .settings import Settings

HISTORY = ("conversations.history", "conversations.replies")


@dataclass(slots=True)
class Bucket:
    """A token bucket: ``burst`` calls at once, refilled at ``rate`` per second."""

    rate: float
    burst: float
    tokens: float
    updated: float

    def take(self, now: float) -> float:
        """Seconds to wait before this call is within the limit; 0 takes a token."""
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.updated) * self.rate)
        self.updated = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.rate


class Limits:
    """Per app, method and (for posts) channel. ``violations`` counts calls over a limit, by method."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.violations: Counter[str] = Counter()
        self.broken: list[str] = []
        """In words: each call over a limit, where, and by how much it came too early."""
        self.per_minute: dict[str, int] = {}
        """Overrides of a method's tier, in calls per minute."""
        self.max_objects: int | None = None
        """Most objects a history page holds, in restricted mode."""
        self._buckets: dict[tuple[str, str, str], Bucket] = {}
        self._blocked: dict[tuple[str, str, str], float] = {}

    def restrict_history(self, *, per_minute: int = 1, objects: int = 15) -> None:
        """Treat the apps as commercially distributed outside the Marketplace; enforced with 429."""
        self.max_objects = objects
        for method in HISTORY:
            self.per_minute[method] = per_minute
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if key[1] not in HISTORY}

    def page_size(self, wanted: int, default: int, maximum: int) -> int:
        """Objects a history page may hold when the client asked for ``wanted`` (0: nothing asked)."""
        size = min(wanted or default, maximum)
        return size if self.max_objects is None else min(size, self.max_objects)

    def check(self, app: str, method: str, channel: str, tier: int) -> float:
        """Count the call. Returns the Retry-After seconds to refuse it with, or 0 to let it pass."""
        key = _key(app, method, channel)
        now = self._settings.clock()
        if (early := self._blocked.get(key, 0) - now) > 0:
            self._note(f"{method} before Retry-After", channel, early)
        wait = self._bucket(key, tier, now).take(now)
        if not wait:
            return 0.0
        self._note(method, channel, wait)
        restricted = self.max_objects is not None and method in HISTORY
        return wait if restricted or self._settings.enforce_limits else 0.0

    def block(self, app: str, method: str, channel: str, seconds: float) -> None:
        """A 429 with this Retry-After was sent; calling again before is a violation."""
        self._blocked[_key(app, method, channel)] = self._settings.clock() + seconds

    def _note(self, limit: str, channel: str, early: float) -> None:
        self.violations[limit] += 1
        self.broken.append(f"Slack: {limit} ({channel or 'no channel'}), {early:.3f} s too early")

    def _bucket(self, key: tuple[str, str, str], tier: int, now: float) -> Bucket:
        if key not in self._buckets:
            rate, burst = self._settings.post_rate, float(self._settings.post_burst)
            if key[1] != "chat.postMessage":
                burst = float(self.per_minute.get(key[1], tier))
                rate = burst / 60
            self._buckets[key] = Bucket(rate, burst, burst, now)
        return self._buckets[key]


def _key(app: str, method: str, channel: str) -> tuple[str, str, str]:
    """What a limit is of: a method is limited in the whole workspace, posts in each channel."""
    return app, method, channel if method == "chat.postMessage" else ""
