"""What happened on a platform, as a bridge decodes it. Remote ids are unique within their remote channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """Somebody on the platform. `name` is what people there see; `id` never changes.

    `email` only where the platform has verified it, and whoever runs the hub wants people to be known by it. `roles`
    are the platform's roles or groups, by id, that the user has, as far as they are known: links may say which of them
    command agents.
    """

    id: str
    name: str
    avatar_url: str | None = None
    email: str | None = None
    bot: bool = False
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class File:
    """A file on the platform. `source` is whatever `Bridge.download` needs to fetch it; `size` is what is declared."""

    name: str
    content_type: str | None
    size: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something somebody wrote; `text` may be empty when there are files.

    `thread_id` is the remote id of the message that began its thread, `reply_to` of the one it answers, where the
    platform tells both. `broadcast` is a reply that is shown in the channel as well. `version` grows (as text) with
    every edit, and is empty before the first: an older version never replaces a newer one.
    """

    remote_id: str
    author: User
    text: str
    thread_id: str | None = None
    reply_to: str | None = None
    broadcast: bool = False
    files: tuple[File, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """The text of a message was replaced, by its author as a rule; `version` as in `Message`."""

    remote_id: str
    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A message was deleted, by `user` where the platform tells."""

    remote_id: str
    user: User | None = None


@dataclass(frozen=True, slots=True)
class React:
    """Somebody hung an emoji on a message, or took it back (`added` is False)."""

    remote_id: str
    user: User
    emoji: str
    added: bool = True


@dataclass(frozen=True, slots=True)
class ClearReactions:
    """A moderator took all reactions from a message, or all with that emoji."""

    remote_id: str
    emoji: str | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """The channel's topic was changed; empty when it was removed.

    One that was only `found` may be as it always was. `set_at` is when it was set, where the platform tells: a later
    change on the hub that is not there yet outlasts it.
    """

    user: User
    text: str
    found: bool = False
    set_at: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """The channel was renamed, archived or brought back; None is what did not change.

    Where private channels are never linked, one that became `private` is linked no longer.
    """

    name: str | None = None
    archived: bool | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody came into the channel, or left it (`joined` is False)."""

    user: User
    joined: bool = True


Inbound = Message | Edit | Delete | React | ClearReactions | Topic | ChannelState | Member
"""Everything that can come in."""


@dataclass(frozen=True, slots=True)
class Current:
    """How a message stands on the platform now, as `Bridge.sweep` found it.

    `message` is None when it certainly is not there any more. `reactions` are who hung which emoji on it, without the
    bridge's own; None when that was not read.
    """

    remote_id: str
    message: Message | None
    reactions: frozenset[tuple[User, str]] | None = None
