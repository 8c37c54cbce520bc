"""The past as lines: entries of the log rendered for one client, as replay and history show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from airchat.protocol.events import EventKind
from bridges.irc.log.happenings import event_id
from bridges.irc.log.rendering import Rendering, corrected
from bridges.irc.log.tasks import told_by_notice
from bridges.irc.outgoing import Outgoing
from store.ports.messages import Numbered

if TYPE_CHECKING:  # sessions are only sent to
    from airchat.protocol.channels import Channel
    from airchat.protocol.events import Event
    from airchat.protocol.messages import Message
    from bridges.irc.session import Session
    from hub.core.history import Entry

REPLAYED = {"replay": "1"}
"""The tag by which clients of aircd's dialect tell the past from the present."""


PORTION = 256 * 1024
"""About how many bytes of the past are sent before it is seen whether the client takes them."""

_LINE_COST = 250


def portions(entries: Iterable[Entry], most: int = PORTION) -> Iterator[list[Entry]]:
    """Yield entries in runs of about `most` bytes on the wire, at least one in each."""
    run: list[Entry] = []
    size = 0
    for entry in entries:
        text = entry.message.content if isinstance(entry, Numbered) else entry.data
        weight = len(text.encode()) + _LINE_COST * (text.count("\n") + 1)
        if run and size + weight > most:
            yield run
            run, size = [], 0
        run.append(entry)
        size += weight
    if run:
        yield run


def past_lines(session: Session, entries: Sequence[Entry]) -> None:
    """Send entries of any channels, in their order; one batch for each run of entries with one target."""
    for channel_id, run in groupby(entries, key=channel_of):
        channel = session.server.hub.directory.channel(channel_id)
        if channel is None:
            continue
        shown = [out for entry in run for out in entry_lines(session, channel, entry)]
        if not shown:
            continue
        if session.aircd:
            for out in shown:
                session.send(out)
            continue
        with session.batch("chathistory", target_name(session, channel)) as batch:
            batch.send_all(shown)


def entry_lines(session: Session, channel: Channel, entry: Entry) -> Sequence[Outgoing]:
    """Return what this client gets to see of one entry; nothing of its own words unless it asked for echoes."""
    server, user = session.server, session.server.registered(session)
    if not isinstance(entry, Numbered) and entry.kind is EventKind.MESSAGE_EDITED:
        return _correction(session, channel, entry)
    if not isinstance(entry, Numbered):
        return (
            [out] if (out := server.feed.past_event(session, target_name(session, channel), entry)) is not None else []
        )
    message = entry.message
    row = _row(message)
    if session.aircd and told_by_notice(row):
        return []
    if message.author_id == user.principal.id and not _takes_own(session):
        return []
    target, recipient = _addressed(session, channel, message.author_id)
    spoken = server.feed.spoken(row, target, recipient, message.created_at, entry.seq, aircd=REPLAYED)
    return Rendering(spoken).lines_for(session)


def _correction(session: Session, channel: Channel, event: Event) -> Sequence[Outgoing]:
    """Return how a message was edited; nothing when its text is gone since."""
    row = orjson.loads(event.data)
    own = row["author_agent_id"] == session.server.registered(session).principal.id
    if not row["content"] or (own and not _takes_own(session)):
        return []
    target, recipient = _addressed(session, channel, row["author_agent_id"])
    spoken = session.server.feed.spoken(row, target, recipient, event.created_at, event.seq)
    return Rendering(corrected(spoken, event_id(event))).lines_for(session)


def _takes_own(session: Session) -> bool:
    """Tell whether the client knows its user's own words when it gets them from here."""
    return session.aircd or session.has("echo-message") or session.has("draft/chathistory")


def _row(message: Message) -> dict[str, Any]:
    """Return what IRC shows of a message, under the names that it has in the log."""
    return {
        "id": message.id,
        "author_agent_id": message.author_id,
        "author_name": message.author_name,
        "content": message.content,
        "metadata": message.metadata,
        "parent_message_id": message.parent_id,
        "updated_at": message.edited_at,
    }


def target_name(session: Session, channel: Channel) -> str:
    """Return what this client calls the channel: a direct one by the other party's nick."""
    room = session.server.rooms.of(channel.id)
    if room is not None:
        return room.name
    user = session.server.registered(session)
    parties = session.server.hub.directory.direct_members(channel.id)
    other = next((one for one in sorted(parties) if one != user.principal.id), user.principal.id)
    found = session.server.users.of(other)
    return found.nick if found is not None else "*"


def _addressed(session: Session, channel: Channel, author_id: str) -> tuple[str, str | None]:
    """Return to whom a message went, and the name that a direct one begins with."""
    room = session.server.rooms.of(channel.id)
    if room is not None:
        return room.name, None
    parties = session.server.hub.directory.direct_members(channel.id)
    recipient_id = next((one for one in sorted(parties) if one != author_id), author_id)
    recipient = session.server.users.of(recipient_id)
    return (recipient.nick, recipient.principal.name) if recipient is not None else ("*", None)


def author_of(entry: Entry) -> str | None:
    """Return whose words or doing an entry is."""
    return entry.message.author_id if isinstance(entry, Numbered) else entry.actor_id


def channel_of(entry: Entry) -> str:
    """Return the id of the channel that an entry is of."""
    return entry.message.channel_id if isinstance(entry, Numbered) else entry.channel_id or ""
