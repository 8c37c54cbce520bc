"""Knobs of the fake that stay the same during a test; what changes during a test is a fault."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
"""A JSON object as it goes over the wire."""

Clock = Callable[[], float]
"""Wall clock in Unix seconds."""


@dataclass(slots=True, kw_only=True)
class Settings:
    """How this Slack behaves when nobody armed a fault. Times are seconds."""

    ack_window: float = 3.0
    """How long an envelope may stay unacknowledged before it counts as failed."""
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    """Waits before redelivery 1, 2, 3; after the last one the event is dropped for good."""
    max_sockets: int = 10
    """Sockets per app; one more is told ``too_many_websockets``."""
    refresh_grace: float = 10.0
    """How long a socket stays open after it was told to refresh, before Slack closes it."""
    metadata_in_events: bool = False
    """Whether message events carry ``metadata``; a bridge must not depend on it."""
    post_rate: float = 1.0
    """``chat.postMessage`` calls per second and channel that are within the limit."""
    post_burst: int = 5
    """Posts one channel may receive at once before ``post_rate`` applies."""
    stream_seconds: float = 300.0
    """How long a stream is open, whatever is added to it, before Slack ends it by itself."""
    enforce_limits: bool = False
    """Answer 429 to a call over its limit, instead of only counting a violation."""
    clock: Clock = time.time
    """Source of message timestamps and of the rate limiter's time."""
