"""How the hub learns of a bridge.

A bridge of a distribution of its own is found by an entry point of the group `airchat_hub.bridges`, whose name is the
platform's and whose object is a `Maker`: it gets the table `[bridges.<name>]` of hub.toml, and runs when there is one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.relay.contract.bridge import Bridge

GROUP = "airchat_hub.bridges"


class Call(StrEnum):
    """Kinds of calls whose number platforms limit. A post with files counts as FILE."""

    POST = "post"
    FILE = "file"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a second in the long run, and so many at once after a pause."""

    per_second: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many calls within any so many seconds."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Budget:
    """How often a kind of call may be made: to one channel, and to all of them together. None is any number.

    `quotas` are for each channel; those for POST hold for posts with files as well, and what was posted is remembered
    when the hub starts again.

    The relay waits before each call; a bridge need not. What the platform says by itself (SlowDown) is heeded as well.
    """

    channel: Rate | None = None
    everywhere: Rate | None = None
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True)
class Platform:
    """What is known of a bridge before it connects, and how to make one: `create` returns a fresh bridge.

    After `silence_seconds` without a sign of life the connection is probed.
    """

    name: str
    create: Callable[[], Bridge]
    budgets: Mapping[Call, Budget] = field(default_factory=dict)
    silence_seconds: float = 20.0


Maker = Callable[[Mapping[str, Any]], Platform]
"""Makes a platform of its settings.

Raises:
    ConfigError: they cannot work.
"""
