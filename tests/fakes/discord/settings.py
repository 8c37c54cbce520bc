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
    """How this Discord behaves when nobody armed a fault. Times are seconds; a rate is (calls, seconds)."""

    heartbeat_interval: float = 41.25
    """How often clients are told to beat."""
    resume_window: float = 120.0
    """How long a session can be resumed after its connection ended."""
    privileged: frozenset[str] = frozenset({"message_content"})
    """Privileged intents switched on in the developer portal; asking for others closes with 4014."""
    post_rate: tuple[int, float] = (5, 5.0)
    """Messages of a bot, per channel."""
    webhook_rate: tuple[int, float] = (5, 2.0)
    """Messages of one webhook."""
    channel_rate: tuple[int, float] = (30, 60.0)
    """Messages of webhooks, per channel; no header tells of it."""
    reaction_rate: tuple[int, float] = (1, 0.25)
    """Reactions, per channel."""
    topic_rate: tuple[int, float] = (2, 600.0)
    """Changes of a channel's name or topic; no header tells of it."""
    other_rate: tuple[int, float] = (50, 1.0)
    """Anything else, per route and channel."""
    global_rate: tuple[int, float] = (50, 1.0)
    """All calls of a bot together; interactions and webhooks with a token do not count."""
    answer_window: float = 3.0
    """How long an interaction waits for its first answer."""
    message_length: int = 2000
    upload_bytes: int = 10 * 1024 * 1024
    link_seconds: float = 24 * 3600
    """How long the address of an attachment is good."""
    clock: Clock = time.time
