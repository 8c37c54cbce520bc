"""What goes out to a platform: posts, and changes of what was posted."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from hub.relay.contract.desk import Button


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote or did something on the hub, or came to it from another platform.

    `id` is the principal's, for colours and the like; `name` is what people read.
    """

    id: str
    name: str
    avatar_url: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A message that another one refers to: its hub id, and its remote id where it has a counterpart.

    `author_name` (plain words) and `excerpt` (CommonMark, one line, calling nobody) are for platforms that can only
    quote it.
    """

    message_id: str
    remote_id: str | None
    author_name: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over. `read` yields its bytes, each time from the start.

    `url` is where anybody can fetch it for a while, for platforms that take no files; None when the hub has no address.
    """

    name: str
    content_type: str
    size: int
    url: str | None
    read: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Post:
    """One piece of a message for one remote channel; without an author the bridge's own account says it.

    `token` names the piece for ever: a bridge attaches it to what it posts where the platform allows, so that
    `find_sent` can recognise it. It was first attempted at `attempted_at`, when `sent_after` was the newest order key
    processed of the channel: what was posted is newer than both, and none of `taken`, the remote ids of others.

    `thread` is the message that began the thread, `reply_to` the one it answers, both None for a message of the
    channel itself. When they have no counterpart the relay has put a quote before the text, unless the bridge does not
    carry threads: then it shows by itself what is answered.

    `files` go with the text, which may be empty then; `message_id` is the hub's, for stable tags and links;
    `broadcast` is a reply that is shown in the channel as well; `notice` is what the hub says about something, such as
    an edit that the platform cannot show.

    `unfinished` is what tells of an answer that is still being written, for a bridge that can show it as such
    (`Capability.STREAM`), in a thread where `asked_by`, the id of a user of the platform, spoke last. Where that
    cannot be done CannotCarry says so, and it comes again as any other.
    """

    token: str
    remote_channel: str
    author: Author | None
    text: str
    attempted_at: int
    sent_after: str | None = None
    taken: frozenset[str] = frozenset()
    message_id: str | None = None
    thread: Reference | None = None
    reply_to: Reference | None = None
    broadcast: bool = False
    files: tuple[File, ...] = ()
    buttons: tuple[Button, ...] = ()
    notice: bool = False
    unfinished: bool = False
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece that was posted gets another text. `before` is what it was, where the hub still knows.

    Of one that was posted as unfinished, it says how far the answer is (`unfinished`), or it `finishes` it: then the
    text is all that it says, and `token` is the post's.
    """

    remote_channel: str
    target: Reference
    author: Author
    text: str
    before: str | None = None
    thread: Reference | None = None
    buttons: tuple[Button, ...] = ()
    unfinished: bool = False
    finishes: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """A piece that was posted goes; it is fine when it is gone already. `author` is whose it was.

    `unfinished` is one that was posted so, and is not finished yet.
    """

    remote_channel: str
    target: Reference
    author: Author
    thread: Reference | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class React:
    """The bridge's account hangs an emoji on a message, or takes it back (`added` is False).

    It stands for everybody who did so elsewhere: `authors` are all who react with it now, so it comes with the first
    of them and goes with the last. It is fine when it is so already.
    """

    remote_channel: str
    target: Reference
    emoji: str
    authors: tuple[Author, ...]
    added: bool = True
    thread: Reference | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """The channel gets another topic, or none: an empty text.

    `set_at` is when the hub's was set: one that was set there later stays, and will come in.
    """

    remote_channel: str
    author: Author
    text: str
    set_at: int | None = None


Change = Edit | Delete | React | Topic
"""What may be asked for again and again with the same effect."""


@dataclass(frozen=True, slots=True)
class Working:
    """An agent works on an answer in the channel, or thread; `status` says on what, None that it is over.

    It is shown for a moment (typing, an assistant's status) and never stored.
    """

    remote_channel: str
    author: Author
    status: str | None = None
    thread: Reference | None = None
