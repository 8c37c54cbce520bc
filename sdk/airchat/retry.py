"""When to send a call again, and after how long."""

import random

from airchat.errors import AirChatConnectionError, AirChatError

FIRST_DELAY = 0.25
LONGEST_DELAY = 8.0
REFUSALS = (429, 503)
"""Statuses that say that the hub did nothing, and may be asked again."""


def backoff(attempt: int, longest: float = LONGEST_DELAY) -> float:
    """Return a random delay in seconds before attempt number `attempt` (from 1); its bound doubles each time."""
    bound = min(longest, FIRST_DELAY * (1 << min(attempt, 16)))
    return bound * (0.5 + random.random() / 2)  # noqa: S311 - spreads clients, hides nothing


class Retries:
    """The attempts of one call: at most `patience` seconds of waiting in total."""

    def __init__(self, patience: float, *, repeatable: bool) -> None:
        self._left = patience
        self._repeatable = repeatable
        self._attempt = 0

    def delay_after(self, error: AirChatError) -> float:
        """Return how many seconds to wait before the next attempt.

        Raises:
            AirChatError: `error` itself, when there should be no further attempt.
        """
        self._attempt += 1
        delay = self._delay(error)
        if delay is None or delay > self._left:
            raise error
        self._left -= delay
        return delay

    def _delay(self, error: AirChatError) -> float | None:
        unsent = isinstance(error, AirChatConnectionError) and not error.sent
        if error.status in REFUSALS and error.retry_after is not None:
            return error.retry_after + backoff(0)
        if error.status in REFUSALS or unsent or (error.transient and self._repeatable):
            return backoff(self._attempt)
        return None
