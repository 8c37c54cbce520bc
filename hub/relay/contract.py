"""The contract between the relay and a bridge.

Inbound, a bridge hands every raw event to `Intake.accept` and acknowledges it to its platform only after that
returned; later the relay asks it to `decode` the stored event. Whenever the bridge began to listen, the relay has it
`read_up` each linked channel, and processes nothing of a channel before its history is complete. Outbound, the relay
calls `send` with one part at a time per channel, in order, and after an unclear outcome asks `find_sent` before it
sends again. The relay never remembers what it sent in order to recognise its echo: `decode` drops whatever the bridge
itself authored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class BridgeError(Exception):
    """Base of what a bridge raises to steer its supervisor.

    BridgeError
    ├── NotReady        the platform cannot be reached now: try again, after `retry_after` seconds where it said so
    ├── AuthFailed      the credentials are refused: stop, and ask a human
    ├── ConfigError     the configuration cannot work: stop, and say which setting
    ├── Refused         the platform refuses this one thing and would refuse it again
    └── OutcomeUnknown  a send may or may not have happened: look before sending again
    """


class NotReady(BridgeError):
    """The platform cannot be reached or asks for patience."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class AuthFailed(BridgeError):
    """The platform refuses the credentials."""


class ConfigError(BridgeError):
    """A setting cannot work; the text names it."""


class Refused(BridgeError):
    """The platform refuses this one thing for good; a part becomes a dead letter."""


class OutcomeUnknown(BridgeError):
    """The connection broke after the request left: the platform may have acted on it."""


class Capability(StrEnum):
    """What a bridge can carry."""

    MESSAGE = "message"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event as it came from the platform.

    `key` is the same for every delivery of the same event, live or from history; `order_key` sorts the events of one
    channel as the platform orders them (as text).
    """

    key: str
    remote_channel: str
    order_key: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteUser:
    """Somebody on the platform. `name` is what people there see."""

    id: str
    name: str
    avatar_url: str | None = None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message somebody wrote on the platform, its text in CommonMark, people as `@name` of the hub."""

    remote_channel: str
    remote_id: str
    author: RemoteUser
    text: str
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class OutboundPart:
    """One piece of a canonical message for one remote channel.

    `token` names the part for ever: a bridge attaches it to what it posts where the platform allows, so that
    `find_sent` can recognise it. It was written on the hub at `written_at` (microseconds); `sent_after` is the newest
    remote id known before the first attempt: what was sent is newer than both.
    """

    token: str
    remote_channel: str
    author_name: str
    author_avatar_url: str | None
    text: str
    thread_id: str | None
    written_at: int
    sent_after: str | None


@dataclass(frozen=True, slots=True)
class LinkedChannel:
    """A remote channel whose history is to be read.

    `watermark` is the newest order key already processed; before there is one, history starts at `linked_at`
    (microseconds).
    """

    remote_channel: str
    watermark: str | None
    linked_at: int


class Names(Protocol):
    """How a bridge translates between platform ids and hub names within texts."""

    async def name_of(self, user: RemoteUser) -> str:
        """Return the hub name under which a platform's user is known, introducing them if need be."""
        ...

    def remote_id_of(self, name: str) -> str | None:
        """Return the platform's user id of whoever the hub calls `name`."""
        ...


class Intake(Protocol):
    """Where a bridge puts what it received."""

    async def accept(self, event: RawEvent) -> None:
        """Store the event durably, once; acknowledge it to the platform only after this returned."""
        ...

    def listening(self) -> None:
        """Say that events arrive from now on, and that some may have been missed before: channels are read up."""
        ...


class Bridge(Protocol):
    """One connection to one workspace of a platform. Each start gets a fresh one; it is not used after `run` ended."""

    @property
    def platform(self) -> str:
        """The platform's name, e.g. `slack`: the origin of its messages and the key of its links."""
        ...

    @property
    def workspace(self) -> str:
        """The workspace's id on the platform; known once `connect` returned."""
        ...

    async def connect(self) -> None:
        """Check the credentials and learn the workspace.

        Raises:
            BridgeError: NotReady, AuthFailed or ConfigError.
        """
        ...

    async def resolve(self, remote: str) -> str:
        """Return the id of the channel that people call `remote` (an id stays one), having joined it where possible.

        Raises:
            ConfigError: there is none.
            BridgeError: NotReady or AuthFailed.
        """
        ...

    async def run(self, intake: Intake) -> None:
        """Listen until cancelled or broken; call `intake.listening` at the start and after each interruption.

        Raises:
            BridgeError: NotReady, AuthFailed or ConfigError; NotReady makes the supervisor start a fresh bridge.
        """
        ...

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Accept what was written in the channel since its watermark, in any order; rather too much than too little.

        Raises:
            BridgeError: it cannot be read now; it is tried again.
        """
        ...

    async def decode(self, payload: dict[str, Any], names: Names) -> InboundMessage | None:
        """Turn a stored event into a message; None when it is none, or is this bridge's own doing."""
        ...

    async def send(self, part: OutboundPart, names: Names) -> str:
        """Post one part; return its remote id. Never retried inside.

        Raises:
            BridgeError: NotReady (nothing was posted), OutcomeUnknown, Refused, AuthFailed.
        """
        ...

    async def find_sent(self, part: OutboundPart) -> str | None:
        """Look on the platform for a part of an unclear outcome; return its remote id, or None when it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """What is known of a bridge before it connects, and how to make one.

    `part_length` is how many characters one part may have before rendering; `create` returns a fresh bridge.
    """

    name: str
    capabilities: frozenset[Capability]
    part_length: int
    create: Callable[[], Bridge]
