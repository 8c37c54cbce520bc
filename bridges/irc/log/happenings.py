"""Events of the log that are no messages, as the lines that tell of them: the same live and in history.

Each has its place in the log for an id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Kind
from bridges.irc.log.rendering import details
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.users import User
from bridges.irc.wire import lines
from bridges.irc.wire.split import first

if TYPE_CHECKING:  # asked for users and its name
    from bridges.irc.server import IrcServer

PLAYED_BACK = (
    EventKind.MEMBER_JOINED,
    EventKind.MEMBER_LEFT,
    EventKind.CHANNEL_CHANGED,
    EventKind.CHANNEL_MODES_CHANGED,
    EventKind.MESSAGE_TAGGED,
    EventKind.MESSAGE_DELETED,
    EventKind.REACTION_ADDED,
    EventKind.REACTION_REMOVED,
)
"""What clients with event-playback see in history beside messages."""

_PREFIX = "event-"
_REACT = {EventKind.REACTION_ADDED: "+draft/react", EventKind.REACTION_REMOVED: "+draft/unreact"}


def event_id(event: Event) -> str:
    """Return the id under which clients know an event."""
    return f"{_PREFIX}{event.seq}"


def event_seq(msgid: str) -> int | None:
    """Return the `seq` of the event that clients know by that id; None for other ids."""
    number = msgid.removeprefix(_PREFIX)
    return int(number) if number != msgid and number.isascii() and number.isdigit() and len(number) < 19 else None


def told(server: IrcServer, event: Event, body: str, **more: str) -> Outgoing:
    """Return a line of the log with its moment, its id, and who did it."""
    actor = server.users.of(event.actor_id or "")
    tags = {"msgid": event_id(event), **(server.author_tags(actor) if actor else {}), **more}
    return Outgoing(body, tags, at=event.created_at, seq=event.seq)


def joined(server: IrcServer, target: str, event: Event, user: User, *, extended: bool) -> Outgoing:
    """Return the JOIN of somebody."""
    params = (user.account or "*", user.realname) if extended else ()
    return told(server, event, lines.text("JOIN", target, *params, source=user.mask))


def left(server: IrcServer, target: str, event: Event, row: dict[str, Any], user: User) -> Outgoing:
    """Return the PART or KICK of somebody."""
    reason = row.get("reason") or ""
    kicker = row.get("kicked_by")
    if kicker:
        actor = server.users.of(event.actor_id or "")
        reason = one_line(reason or (actor.nick if actor else kicker))
        return told(server, event, _fitting("KICK", target, user.nick, reason, source=source_of(server, actor)))
    return told(server, event, _fitting("PART", target, *([one_line(reason)] if reason else []), source=user.mask))


def topic(server: IrcServer, target: str, event: Event, row: dict[str, Any]) -> Outgoing:
    """Return the TOPIC that somebody set."""
    by = source_of(server, server.users.of(event.actor_id or ""))
    return told(server, event, _fitting("TOPIC", target, one_line(row.get("topic") or ""), source=by))


def tagged(server: IrcServer, target: str, event: Event, row: dict[str, Any]) -> Outgoing | None:
    """Return the TAGMSG that somebody sent."""
    author = server.users.of(row["author_agent_id"])
    mask = details(row).get("mask") or (author.mask if author else None)
    if mask is None:
        return None
    return told(server, event, lines.text("TAGMSG", target, source=mask), **row["tags"])


def reaction(server: IrcServer, target: str, event: Event, row: dict[str, Any]) -> Outgoing | None:
    """Return the TAGMSG that tells of a reaction, or that it was taken back."""
    author = server.users.of(row["agent_id"])
    if author is None:
        return None
    tags = {_REACT[event.kind]: row["emoji"], "+reply": row["message_id"], "+draft/reply": row["message_id"]}
    return told(server, event, lines.text("TAGMSG", target, source=author.mask), **tags)


def redaction(server: IrcServer, target: str, event: Event, row: dict[str, Any]) -> Outgoing:
    """Return the REDACT that tells that a message was deleted."""
    by = source_of(server, server.users.of(event.actor_id or ""))
    reason = row.get("reason")
    return told(
        server, event, _fitting("REDACT", target, row["id"], *([one_line(reason)] if reason else []), source=by)
    )


def _fitting(command: str, *params: str, source: str) -> str:
    """Return a line whose last parameter is a text, of which other doors take more than fits: its beginning."""
    return first(lines.text(command, *params, source=source), lines.BODY_LIMIT)


def one_line(text: str) -> str:
    """Return the text in one line."""
    return " ".join(text.split("\n"))


def source_of(server: IrcServer, user: User | None) -> str:
    """Return who a line is from: the server itself when nobody else did it."""
    if user is None or user.principal.kind is Kind.SYSTEM:
        return server.config.server_name
    return user.mask
