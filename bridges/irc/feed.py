"""The feed: turns the hub's log, event by event and in order, into what IRC clients see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Kind
from bridges.irc import happenings, moderation
from bridges.irc.joining import show_names
from bridges.irc.markers import marked
from bridges.irc.outgoing import Outgoing
from bridges.irc.rendering import Rendering, Spoken, details, spoken_tags, spoken_text
from bridges.irc.rooms import Room
from bridges.irc.session import Session
from bridges.irc.tasks import TASK_KINDS, notice, told_by_notice
from bridges.irc.users import HUB_HOST, User
from bridges.irc.wire import lines

if TYPE_CHECKING:  # the server owns its feed
    from bridges.irc.server import IrcServer

_log = logging.getLogger(__name__)


class Feed:
    """Follows the log for one server. `observe` is called with every batch of events, in order."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._handlers: dict[EventKind, Callable[[Event, dict[str, Any]], None]] = {
            EventKind.MESSAGE_CREATED: self._message,
            EventKind.CHANNEL_CREATED: self._channel,
            EventKind.CHANNEL_CHANGED: self._channel,
            EventKind.CHANNEL_ARCHIVED: self._channel,
            EventKind.CHANNEL_UNARCHIVED: self._channel,
            EventKind.MEMBER_JOINED: self._joined,
            EventKind.MEMBER_LEFT: self._left,
            EventKind.READ_MARKED: partial(marked, server),
            EventKind.MESSAGE_TAGGED: self._told_by_tags,
            EventKind.REACTION_ADDED: self._told_by_tags,
            EventKind.REACTION_REMOVED: self._told_by_tags,
            EventKind.MESSAGE_DELETED: self._deleted,
            EventKind.AGENT_REGISTERED: self._principal,
            EventKind.PRINCIPAL_CHANGED: self._principal,
        }
        self._quitting: dict[str, tuple[set[Session], str]] = {}

    def handle(self, kind: EventKind, handler: Callable[[Event, dict[str, Any]], None]) -> None:
        """Let `handler` show events of this kind, too."""
        self._handlers[kind] = handler

    def observe(self, events: Sequence[Event]) -> None:
        """Show what was committed. Whatever goes wrong with one event, the next are shown."""
        for event in events:
            handler = self._handlers.get(event.kind)
            if handler is None or self._unheard(event):
                continue
            try:
                handler(event, orjson.loads(event.data))
            except Exception:  # noqa: BLE001 - whatever is wrong with one event, the next are shown
                _log.exception("event %d could not be shown", event.seq)

    # Messages

    def spoken(
        self,
        row: dict[str, Any],
        target: str,
        recipient: str | None,
        at: int,
        seq: int,
        *,
        aircd: dict[str, str] | None = None,
    ) -> Spoken:
        """Return a message's row as somebody said it. `recipient` is the name a direct message begins with."""
        author = self._server.users.of(row["author_agent_id"])
        own = details(row)
        account = author.account if author is not None else None
        tags = spoken_tags(row, account=account, bot=author is not None and author.bot)
        source = own.get("mask") or (author.mask if author else f"{row['author_name']}!ghost@{HUB_HOST}")
        return Spoken(source, own.get("command", "PRIVMSG"), target, spoken_text(row, recipient), tags, at, seq, aircd)

    def past_event(self, session: Session, target: str, event: Event) -> Outgoing | None:
        """Return an event of the past as this client gets to see it; None when it gets to see none."""
        server, row = self._server, orjson.loads(event.data)
        if event.kind in TASK_KINDS:
            return notice(server, target, event, row, past=True).out_for(session)
        maker = _PAST.get(event.kind)
        if maker is not None:
            return maker(server, target, event, row) if event.kind not in _TAGS or session.has("message-tags") else None
        user = server.users.of(row.get("agent_id", ""))
        if user is None or user.principal.kind is Kind.SYSTEM:
            return None
        if event.kind is EventKind.MEMBER_JOINED:
            return happenings.joined(server, target, event, user, extended=session.has("extended-join"))
        return happenings.left(server, target, event, row, user) if event.kind is EventKind.MEMBER_LEFT else None

    def _unheard(self, event: Event) -> bool:
        """Tell whether this is a message that changes nothing here: in a channel where nobody is, by a member."""
        room = self._server.rooms.of(event.channel_id) if event.kind is EventKind.MESSAGE_CREATED else None
        return room is not None and event.actor_id in room.members and not room.audience()

    def _message(self, event: Event, row: dict[str, Any]) -> None:
        room = self._server.rooms.of(event.channel_id)
        cause = self._server.cause_of("message", row["id"])
        if room is None:
            self._direct(event, row, cause)
            return
        author_id = row["author_agent_id"]
        comes = author_id not in room.members
        author = self._server.users.of(author_id) if comes else None
        rendering = Rendering(self.spoken(row, room.name, None, event.created_at, event.seq))
        audience: list[Session] = [*room.audience(), *(author.sessions if author else [])]
        for session in () if told_by_notice(row) else audience:
            if session is cause and not _wants_echo(session):
                session.sent_seq = event.seq
                continue
            for out in rendering.lines_for(session):
                session.deliver(out, caused=session is cause)
            session.sent_seq = event.seq
        if comes:  # who writes comes in: those who are here see it in this order
            room.enter(author_id)
            self._show_join(event, room, author, cause)

    def _direct(self, event: Event, row: dict[str, Any], cause: Session | None) -> None:
        author, recipient = self._parties(event)
        if author is None or recipient is None:
            return
        spoken = self.spoken(row, recipient.nick, recipient.principal.name, event.created_at, event.seq)
        rendering = Rendering(spoken)
        for session in author.sessions:
            if session is cause and not _wants_echo(session):
                continue
            for out in rendering.lines_for(session):
                session.deliver(out, caused=session is cause)
            session.sent_seq = event.seq
        for session in recipient.sessions:
            if recipient is author and session is not cause:
                continue
            for out in rendering.lines_for(session):
                session.deliver(out)
            session.sent_seq = event.seq

    def _told_by_tags(self, event: Event, row: dict[str, Any]) -> None:
        """Show tags or a reaction, in a channel or between two."""
        maker = _PAST[event.kind]
        cause = self._server.cause_of(event.kind, event.actor_id, event.channel_id)
        room = self._server.rooms.of(event.channel_id)
        if room is not None:
            self._show_tags(maker(self._server, room.name, event, row), room.audience(), cause)
            return
        author, recipient = self._parties(event)
        if author is not None and recipient is not None:
            out = maker(self._server, recipient.nick, event, row)
            self._show_tags(out, [*author.sessions, *(recipient.sessions if recipient is not author else ())], cause)

    def _show_tags(self, out: Outgoing | None, audience: Iterable[Session], cause: Session | None) -> None:
        if out is None:
            return
        for session in audience:
            if session.has("message-tags") and (session is not cause or session.has("echo-message")):
                session.deliver(out, caused=session is cause)

    def _deleted(self, event: Event, row: dict[str, Any]) -> None:
        """Show that a message was deleted to clients that know how to take it back."""
        cause = self._server.cause_of(event.kind, event.actor_id, event.channel_id)
        room = self._server.rooms.of(event.channel_id)
        author, recipient = (None, None) if room is not None else self._parties(event)
        users = [user for user in (author, recipient) if user is not None]
        audience = room.audience() if room is not None else self._server.audience_of(users)
        name = room.name if room is not None else recipient.nick if recipient is not None else "*"
        out = happenings.redaction(self._server, name, event, row)
        for session in audience:
            if session.has("draft/message-redaction"):
                session.deliver(out, caused=session is cause)

    def _parties(self, event: Event) -> tuple[User | None, User | None]:
        """Return who did something in a direct channel, and the other one there."""
        users = self._server.users
        parties = self._server.hub.directory.direct_members(event.channel_id or "")
        other = next((one for one in parties if one != event.actor_id), event.actor_id)
        return users.of(event.actor_id or ""), users.of(other or "")

    # Channels and members

    def _channel(self, event: Event, row: dict[str, Any]) -> None:
        channel = self._server.hub.directory.channel(event.channel_id or "")
        if channel is None or channel.direct:
            return
        known = self._server.rooms.of(channel.id)
        before = known.channel if known is not None else None
        room = self._server.rooms.put(channel)
        if before is not None and (before.topic or "") != (row.get("topic") or ""):
            cause = self._server.cause_of(EventKind.CHANNEL_CHANGED, event.actor_id, event.channel_id)
            self.show(room, happenings.topic(self._server, room.name, event, row), cause)

    def show(self, room: Room, out: Outgoing, cause: Session | None = None) -> None:
        """Show everybody in the channel the same line."""
        for session in room.audience():
            session.deliver(out, caused=session is cause)

    def _joined(self, event: Event, row: dict[str, Any]) -> None:
        room = self._server.rooms.of(event.channel_id)
        user = self._server.users.of(row["agent_id"])
        if room is None or row["agent_id"] in room.members:
            return
        room.enter(row["agent_id"], frozenset(row.get("roles") or ()))
        cause = self._server.cause_of(EventKind.MEMBER_JOINED, row["agent_id"])
        self._show_join(event, room, user, cause)

    def _show_join(self, event: Event, room: Room, user: User | None, cause: Session | None) -> None:
        if user is None or user.principal.kind is Kind.SYSTEM:
            return
        plain = happenings.joined(self._server, room.name, event, user, extended=False)
        extended = happenings.joined(self._server, room.name, event, user, extended=True)
        away = user.away_text
        away_line = (
            Outgoing(lines.text("AWAY", away, source=user.mask), at=event.created_at) if away is not None else None
        )
        for session in room.watchers(user):
            out = extended if session.has("extended-join") else plain
            session.deliver(out, caused=session is cause)
            if session.user is user:
                show_names(session, room, caused=session is cause)
            elif away_line is not None and session.has("away-notify"):
                session.deliver(away_line)
        self._server.metadata.joined(room, user)

    def _left(self, event: Event, row: dict[str, Any]) -> None:
        room = self._server.rooms.of(event.channel_id)
        user = self._server.users.of(row["agent_id"])
        if room is None or row["agent_id"] not in room.members:
            return
        if user is None:
            room.leave(row["agent_id"])
            return
        audience = room.watchers(user)
        room.leave(row["agent_id"])
        if row.get("quit"):
            self._quitting.setdefault(row["agent_id"], (set(), row.get("reason") or ""))[0].update(audience)
            return
        cause = self._server.cause_of(EventKind.MEMBER_LEFT, row["agent_id"])
        out = happenings.left(self._server, room.name, event, row, user)
        for session in audience:
            if not (session.aircd and session.user is user):  # whoever leaves there hears nothing of it
                session.deliver(out, caused=session is cause)

    def _principal(self, event: Event, row: dict[str, Any]) -> None:
        principal = self._server.hub.directory.principal(row["id"])
        if principal is None:
            return
        user = self._server.users.of(principal.id)
        self._server.users.refresh(principal)
        watching, reason = self._quitting.pop(principal.id, (set(), ""))
        if user is not None and not principal.active and watching:
            out = happenings.told(self._server, event, lines.text("QUIT", reason, source=user.mask))
            for session in watching:
                if session.user is not user:
                    session.deliver(out)


_Maker = Callable[["IrcServer", str, Event, dict[str, Any]], Outgoing | None]
_PAST: dict[EventKind, _Maker] = {
    EventKind.CHANNEL_CHANGED: happenings.topic,
    EventKind.CHANNEL_MODES_CHANGED: moderation.past_modes,
    EventKind.MESSAGE_TAGGED: happenings.tagged,
    EventKind.MESSAGE_DELETED: happenings.redaction,
    EventKind.REACTION_ADDED: happenings.reaction,
    EventKind.REACTION_REMOVED: happenings.reaction,
}
_TAGS = frozenset({EventKind.MESSAGE_TAGGED, EventKind.REACTION_ADDED, EventKind.REACTION_REMOVED})


def _wants_echo(session: Session) -> bool:
    return session.aircd or session.has("echo-message")
