"""The feed: turns the hub's log, event by event and in order, into what IRC clients see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Kind
from bridges.irc.log import happenings, moderation
from bridges.irc.log.markers import marked
from bridges.irc.log.members import show_join
from bridges.irc.log.rendering import Rendering, Spoken, corrected, details, spoken_cuts, spoken_tags, spoken_text
from bridges.irc.log.runs import Run
from bridges.irc.log.tasks import TASK_KINDS, notice, told_by_notice
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.rooms import Room
from bridges.irc.presence.users import HUB_HOST, User
from bridges.irc.session import Session

if TYPE_CHECKING:  # the server owns its feed
    from bridges.irc.server import IrcServer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Audience:
    """Who sees something; a direct message to `recipient` (a name) is `alone` when they wrote to themselves."""

    target: str
    recipient: str | None
    sessions: Sequence[Session]
    alone: bool = False


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
            EventKind.READ_MARKED: partial(marked, server),
            EventKind.MESSAGE_TAGGED: self._told_by_tags,
            EventKind.REACTION_ADDED: self._told_by_tags,
            EventKind.REACTION_REMOVED: self._told_by_tags,
            EventKind.MESSAGE_EDITED: self._edited,
            EventKind.MESSAGE_DELETED: self._deleted,
        }
        self._run = Run()

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
                if event.kind is not EventKind.MESSAGE_CREATED:
                    self._run.show()
                handler(event, orjson.loads(event.data))
            except Exception:  # noqa: BLE001 - whatever is wrong with one event, the next are shown
                _log.exception("event %d could not be shown", event.seq)
        self._run.show()
        self._server.departures.now()

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
        tags = spoken_tags(row, own, account=account, bot=author is not None and author.bot)
        source = own.get("mask") or (author.mask if author else f"{row['author_name']}!ghost@{HUB_HOST}")
        return Spoken(
            source,
            own.get("command", "PRIVMSG"),
            target,
            spoken_text(row, recipient),
            tags,
            at,
            seq,
            aircd,
            action=own.get("ctcp") == "ACTION",
            cuts=spoken_cuts(row) if own else (),
        )

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
            self._run.show()
            self._direct(event, row, cause)
            return
        author_id = row["author_agent_id"]
        room.exchange.heard(author_id, bot=self._is_bot(author_id))
        comes = author_id not in room.members
        author = self._server.users.of(author_id) if comes else None
        rendering = Rendering(self.spoken(row, room.name, None, event.created_at, event.seq))
        muted = self._server.mutes.matter(room.channel.id, author_id)
        if rendering.single is not None and not comes and not muted and not told_by_notice(row):
            self._run.add(room, cause, rendering.single)
            return
        self._run.show()
        audience: list[Session] = [*room.audience(), *(author.sessions if author else [])]
        for session in () if told_by_notice(row) else self._server.mutes.hearing(audience, room.channel.id, author_id):
            if session is not cause or session.takes_echo:
                for out in rendering.lines_for(session):
                    session.deliver(out, caused=session is cause)
        if comes:  # who writes comes in: those who are here see it in this order
            room.enter(author_id)
            show_join(self._server, event, room, author, cause)

    def _is_bot(self, principal_id: str) -> bool:
        user = self._server.users.of(principal_id)
        return user is not None and user.bot

    def _direct(self, event: Event, row: dict[str, Any], cause: Session | None) -> None:
        author, recipient = self._parties(event, row["author_agent_id"])
        if author is None or recipient is None:
            return
        spoken = self.spoken(row, recipient.nick, recipient.principal.name, event.created_at, event.seq)
        rendering = Rendering(spoken)
        for session in author.sessions:
            if session is not cause or session.takes_echo:
                for out in rendering.lines_for(session):
                    session.deliver(out, caused=session is cause)
        listening = recipient.sessions if recipient is not author else [cause] if cause else []
        for session in self._server.mutes.hearing(listening, None, author.principal.id):
            for out in rendering.lines_for(session):
                session.deliver(out)

    def _told_by_tags(self, event: Event, row: dict[str, Any]) -> None:
        """Show tags or a reaction, in a channel or between two."""
        cause = self._server.cause_of(event.kind, event.actor_id, event.channel_id)
        audience = self._audience(event, event.actor_id or "")
        out = _PAST[event.kind](self._server, audience.target, event, row)
        if out is None:
            return
        for session in audience.sessions:
            if session.has("message-tags") and (session is not cause or session.has("echo-message")):
                session.deliver(out, caused=session is cause)
        if audience.alone and cause is not None and cause.has("message-tags"):
            cause.deliver(out)

    def _edited(self, event: Event, row: dict[str, Any]) -> None:
        """Show the new text of a message in a line of its own: no client knows how to change what it has shown."""
        audience = self._audience(event, row["author_agent_id"])
        spoken = self.spoken(row, audience.target, audience.recipient, event.created_at, event.seq)
        rendering = Rendering(corrected(spoken, happenings.event_id(event)))
        for session in audience.sessions:
            if not session.aircd:
                for out in rendering.lines_for(session):
                    session.deliver(out)

    def _deleted(self, event: Event, row: dict[str, Any]) -> None:
        """Show that a message was deleted to clients that know how to take it back."""
        cause = self._server.cause_of(event.kind, event.actor_id, event.channel_id)
        audience = self._audience(event, row["author_agent_id"])
        out = happenings.redaction(self._server, audience.target, event, row)
        for session in audience.sessions:
            if session.has("draft/message-redaction"):
                session.deliver(out, caused=session is cause)

    def _audience(self, event: Event, author_id: str) -> _Audience:
        """Return who sees what happens to the words of an author: their channel, or the two who talk."""
        room = self._server.rooms.of(event.channel_id)
        if room is not None:
            hearing = self._server.mutes.hearing(room.audience(), room.channel.id, author_id)
            return _Audience(room.name, None, tuple(hearing))
        author, recipient = self._parties(event, author_id)
        if author is None or recipient is None:
            return _Audience("*", None, ())
        sessions = self._server.audience_of(dict.fromkeys((author, recipient)))
        hearing = tuple(self._server.mutes.hearing(sessions, None, author_id))
        return _Audience(recipient.nick, recipient.principal.name, hearing, alone=author is recipient)

    def _parties(self, event: Event, author_id: str) -> tuple[User | None, User | None]:
        """Return the author of something in a direct channel, and the other one there."""
        users = self._server.users
        parties = self._server.hub.directory.direct_members(event.channel_id or "")
        other = next((one for one in parties if one != author_id), author_id)
        return users.of(author_id), users.of(other)

    # Channels

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
