"""The feed: turns the hub's log, event by event and in order, into what IRC clients see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from airchat.protocol.channels import Channel
from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Kind
from bridges.irc.joining import show_names
from bridges.irc.outgoing import Outgoing
from bridges.irc.rendering import Rendering, Spoken, details, spoken_tags, spoken_text
from bridges.irc.rooms import Room
from bridges.irc.session import Session
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
            EventKind.AGENT_REGISTERED: self._principal,
            EventKind.PRINCIPAL_CHANGED: self._principal,
        }
        self._quitting: dict[str, set[Session]] = {}

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

    def past_event(self, session: Session, channel: Channel, event: Event) -> Outgoing | None:
        """Return an event of the past as this client gets to see it; None when it gets to see none."""
        del session, channel, event
        return None

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
        if author_id not in room.members:
            room.enter(author_id)
            self._show_join(event, room, self._server.users.of(author_id), None)
        rendering = Rendering(self.spoken(row, room.name, None, event.created_at, event.seq))
        for session in room.audience():
            if session is cause and not _wants_echo(session):
                session.sent_seq = event.seq
                continue
            for out in rendering.lines_for(session):
                session.deliver(out, caused=session is cause)
            session.sent_seq = event.seq

    def _direct(self, event: Event, row: dict[str, Any], cause: Session | None) -> None:
        users = self._server.users
        author = users.of(row["author_agent_id"])
        parties = self._server.hub.directory.direct_members(event.channel_id or "")
        others = [
            user for user in (users.of(one) for one in parties if author is None or one != author.principal.id) if user
        ]
        recipient = others[0] if others else author
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

    # Channels and members

    def _channel(self, event: Event, row: dict[str, Any]) -> None:
        channel = self._server.hub.directory.channel(event.channel_id or "")
        if channel is None or channel.direct:
            return
        known = self._server.rooms.of(channel.id)
        before = known.channel if known is not None else None
        room = self._server.rooms.put(channel)
        if before is not None and (before.topic or "") != (row.get("topic") or ""):
            self._show_topic(event, room, row.get("topic") or "")

    def _show_topic(self, event: Event, room: Room, topic: str) -> None:
        actor = self._server.users.of(event.actor_id or "")
        cause = self._server.cause_of(EventKind.CHANNEL_CHANGED, event.actor_id, event.channel_id)
        out = Outgoing(
            lines.text("TOPIC", room.name, one_line(topic), source=source_of(self._server, actor)), at=event.created_at
        )
        self.show(room, out, cause)

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
        plain = Outgoing(
            lines.text("JOIN", room.name, source=user.mask), self._server.author_tags(user), at=event.created_at
        )
        text = lines.text("JOIN", room.name, user.account or "*", user.realname, source=user.mask)
        extended = Outgoing(text, self._server.author_tags(user), at=event.created_at)
        away = user.away_text
        away_line = (
            Outgoing(lines.text("AWAY", away, source=user.mask), at=event.created_at) if away is not None else None
        )
        for session in room.audience():
            out = extended if session.has("extended-join") else plain
            session.deliver(out, caused=session is cause)
            if session.user is user:
                show_names(session, room, caused=session is cause)
            elif away_line is not None and session.has("away-notify"):
                session.deliver(away_line)

    def _left(self, event: Event, row: dict[str, Any]) -> None:
        room = self._server.rooms.of(event.channel_id)
        user = self._server.users.of(row["agent_id"])
        if room is None or row["agent_id"] not in room.members:
            return
        audience = room.audience()
        room.leave(row["agent_id"])
        if user is None:
            return
        if row.get("quit"):
            self._quitting.setdefault(row["agent_id"], set()).update(audience)
            return
        reason = row.get("reason") or ""
        kicker = row.get("kicked_by")
        if kicker:
            actor = self._server.users.of(event.actor_id or "")
            text = lines.text("KICK", room.name, user.nick, reason or kicker, source=source_of(self._server, actor))
        else:
            text = lines.text("PART", room.name, *([reason] if reason else []), source=user.mask)
        cause = self._server.cause_of(EventKind.MEMBER_LEFT, row["agent_id"])
        out = Outgoing(text, at=event.created_at)
        for session in audience:
            session.deliver(out, caused=session is cause)

    def _principal(self, event: Event, row: dict[str, Any]) -> None:
        principal = self._server.hub.directory.principal(row["id"])
        if principal is None:
            return
        user = self._server.users.of(principal.id)
        self._server.users.refresh(principal)
        watching = self._quitting.pop(principal.id, set())
        if user is not None and not principal.active and watching:
            out = Outgoing(lines.text("QUIT", row.get("reason") or "", source=user.mask), at=event.created_at)
            for session in watching:
                if session.user is not user:
                    session.deliver(out)


def one_line(text: str) -> str:
    """Return the text in one line."""
    return " ".join(text.split("\n"))


def source_of(server: IrcServer, user: User | None) -> str:
    """Return who a line is from: the hub itself when nobody else did it."""
    if user is None or user.principal.kind is Kind.SYSTEM:
        return server.config.server_name
    return user.mask


def _wants_echo(session: Session) -> bool:
    return session.aircd or session.has("echo-message")
