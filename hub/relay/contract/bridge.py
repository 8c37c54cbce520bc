"""What a bridge implements, and what the relay gives it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from hub.relay.contract import inbound, outbound
from hub.relay.contract.desk import Desk
from hub.relay.turns import Pressing, never


class Capability(StrEnum):
    """What a bridge can carry outwards; for what it cannot, the relay asks `Bridge.in_words`.

    `STREAM` is no more than a nicer way: to show an answer in a thread as one that is being written, until it is
    finished, which it is within minutes (`Post.unfinished`, `Edit.finishes`). Without it the post is edited.
    """

    EDIT = "edit"
    DELETE = "delete"
    REACTION = "reaction"
    THREAD = "thread"
    FILE = "file"
    TOPIC = "topic"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event as it came from the platform.

    `key` is the same for every delivery of the same event, live or from history; `order_key` sorts the events of one
    channel as the platform orders them (as text, by code point). `remote_channel` is the channel that can be linked,
    also for what happened in one of its threads.
    """

    key: str
    remote_channel: str
    order_key: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteChannel:
    """A channel of the platform; `name` is how people there call it. A private one is never linked."""

    id: str
    name: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class LinkedChannel:
    """A remote channel whose history is to be read.

    `watermark` is the newest order key already processed; before there is one, history starts at `linked_at`, and with
    the `earlier` newest messages from before that. `cursor` is what an interrupted reading has saved last. `pressing`
    tells, at any time, whether something that just happened in the channel waits for its history: a bridge that cannot
    read all channels at once reads those first (`hub.relay.turns`).
    """

    remote_channel: str
    watermark: str | None
    linked_at: int
    earlier: int = 0
    cursor: str | None = None
    pressing: Pressing = never


@dataclass(frozen=True, slots=True)
class Window:
    """The messages of a linked channel, by remote id, that are looked through for missed changes.

    They are in the order in which the hub learned of them, which can differ from the platform's a little. `threads`
    tells the thread of those that are in one.
    """

    remote_channel: str
    remote_ids: tuple[str, ...]
    threads: dict[str, str]


class Names(Protocol):
    """How a bridge translates between platform ids and hub names within texts."""

    async def name_of(self, user: inbound.User) -> str:
        """Return the hub name under which a platform's user is known, introducing them if need be."""
        ...

    def remote_id_of(self, name: str) -> str | None:
        """Return the platform's user id of whoever the hub calls `name`."""
        ...

    def channel_of(self, remote_channel: str) -> str | None:
        """Return the name of the hub channel that is linked to a channel of this workspace."""
        ...

    def remote_channel_of(self, name: str) -> str | None:
        """Return the id of the channel of this workspace that the hub channel `name` is linked to."""
        ...


class Intake(Protocol):
    """Where a bridge puts what it received."""

    async def accept(self, event: RawEvent) -> None:
        """Store the event durably, once; acknowledge it to the platform only after this returned.

        Events of channels that are not linked are dropped.
        """
        ...

    def listening(self) -> None:
        """Say that events arrive from now on, and that some may have been missed before: channels are read up."""
        ...

    def seen(self) -> None:
        """Say that the connection showed life: any frame, a pong too. Long silence makes the relay `probe`."""
        ...

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        """Remember how far `read_up` came: everything before it was accepted. It is forgotten when that returns."""
        ...

    async def close(self, what: str, seconds: float) -> None:
        """Remember that the platform answers no such question for so long; a later start knows it too."""
        ...

    def closed_for(self, what: str) -> float:
        """Return for how many seconds more it answers none."""
        ...


class Bridge(Protocol):
    """One connection to one workspace of a platform. Each start gets a fresh one, closed when that ends, for good.

    Every method but `divide`, `in_words` and the properties may raise a `BridgeError`; none retries by itself what
    changes something on the platform.
    """

    @property
    def platform(self) -> str:
        """The platform's name, e.g. `slack`: the origin of its messages and the key of its links."""
        ...

    @property
    def workspace(self) -> str:
        """The workspace's id on the platform; known once `connect` returned."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What can be carried; known once `connect` returned."""
        ...

    async def connect(self) -> None:
        """Check the credentials and learn the workspace.

        Raises:
            BridgeError: NotReady, AuthFailed or ConfigError.
        """
        ...

    async def run(self, intake: Intake, desk: Desk) -> None:
        """Listen until cancelled or broken; call `intake.listening` at the start and after each interruption.

        Raises:
            BridgeError: NotReady, AuthFailed or ConfigError; NotReady makes the supervisor start a fresh bridge.
        """
        ...

    async def probe(self) -> None:
        """Do nothing when events can arrive; asked after a silence, and given up after a while.

        Raises:
            BridgeError: NotReady when the connection is dead or deaf: the supervisor starts a fresh bridge.
        """
        ...

    async def resolve(self, remote: str) -> RemoteChannel:
        """Return the channel that people call `remote` (or whose id it is), having joined it where possible.

        Raises:
            ConfigError: there is none.
        """
        ...

    async def channels(self) -> Sequence[RemoteChannel]:
        """Return the channels that patterns can be compared with; none where the platform does not tell."""
        ...

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Accept what happened in the channel since its watermark, in any order; rather too much than too little.

        A connection may have swallowed events between two that arrived, so it begins a while before the watermark. Of
        messages as they are now that is enough: edits, deletions and reactions of older ones are found by `sweep`.
        """
        ...

    def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """Yield how the messages of the window stand now; none of which that is not known for certain."""
        ...

    async def decode(self, payload: dict[str, Any], names: Names) -> inbound.Inbound | None:
        """Say what a stored event means; None when it is nothing to mirror, or is this bridge's own doing."""
        ...

    def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        """Yield a file's bytes. What is certainly not the file (a login page) is Refused."""
        ...

    def divide(self, text: str, author: outbound.Author | None) -> list[str]:
        """Return a text in CommonMark in pieces that can be posted under that author's name, each CommonMark again.

        The same text gives the same pieces, and one that is not blank at least one. `split` of
        `hub.relay.markup` divides by characters; a platform that counts otherwise does so here.
        """
        ...

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Post one piece; return its remote id.

        Raises:
            BridgeError: NotReady (nothing was posted), OutcomeUnknown, Refused, AuthFailed; Gone when its thread is;
                CannotCarry when it cannot be shown as unfinished: it is not there, and is posted as finished.
        """
        ...

    async def find_sent(self, post: outbound.Post) -> str | None:
        """Look on the platform for a post of an unclear outcome; return its remote id, None when it is not there.

        One that is there as unfinished is finished by that: it says the post's text then, and is edited like any other.
        """
        ...

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Make one change; once more has the same effect.

        Raises:
            BridgeError: as `post`; Gone when the message is not there, CannotCarry when it cannot be shown.
        """
        ...

    def in_words(self, changes: Sequence[outbound.Change]) -> str | None:
        """Return what to post, in the author's name, for changes that cannot be made; None when nothing should be.

        They are one, or several reactions to the same message. `hub.relay.words` knows plain words for all.
        """
        ...

    async def show_working(self, working: outbound.Working) -> None:
        """Show that an agent works, as far as the platform can; it fails silently."""
        ...

    async def close(self) -> None:
        """Let go of whatever `connect` opened, at the end of each start: `run` may not have been called, nor `connect`.

        Nothing is raised, and once more does nothing.
        """
        ...
