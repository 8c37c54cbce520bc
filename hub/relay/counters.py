"""Counters: what the relay did since it started, for those who watch it."""

from collections import Counter
from enum import StrEnum


class Count(StrEnum):
    """What is counted, for each platform."""

    RECEIVED = "received"
    REPEATED = "repeated_deliveries"
    HELD = "held_for_a_message"
    EXPIRED = "held_in_vain"
    IGNORED = "ignored"
    UNUSABLE = "put_aside"
    POSTED = "posted"
    CHANGED = "changed"
    WORDED = "put_in_words"
    FOUND = "found_instead_of_sent_again"
    RESENT = "sent_again"
    TWINS = "taken_away_as_it_came_twice"
    REFUSED = "refused"
    SLOWED = "asked_to_wait"
    READ_UP = "histories_read"
    SWEPT = "missed_changes_found"
    RESTARTS = "restarts"


class Counters:
    """Counts by platform."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Count]] = Counter()

    def add(self, platform: str, count: Count, by: int = 1) -> None:
        """Count something."""
        self._counts[platform, count] += by

    def of(self, platform: str) -> dict[str, int]:
        """Return a platform's counts, those that are not zero."""
        return {count.value: self._counts[platform, count] for count in Count if self._counts[platform, count]}
