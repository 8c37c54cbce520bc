"""The past as lines: entries of the log rendered for one client, as replay and history show them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from airchat.protocol.rows import message_row
from bridges.irc.outgoing import Outgoing
from bridges.irc.rendering import Rendering
from bridges.irc.tasks import told_by_notice
from store.ports.messages import Numbered

if TYPE_CHECKING:  # sessions are only sent to
    from airchat.protocol.channels import Channel
    from bridges.irc.session import Session
    from hub.core.history import Entry

REPLAYED = {"replay": "1"}
"""The tag by which clients of aircd's dialect tell the past from the present."""


def past_lines(session: Session, entries: Sequence[Entry]) -> None:
    """Send entries of any channels, in their order; one batch for each run of entries with one target."""
    for channel_id, run in groupby(entries, key=_channel_id):
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
            for out in shown:
                batch.send(out)


def entry_lines(session: Session, channel: Channel, entry: Entry) -> Sequence[Outgoing]:
    """Return what this client gets to see of one entry; nothing of its own words unless it asked for echoes."""
    server, user = session.server, session.server.registered(session)
    if not isinstance(entry, Numbered):
        return (
            [out] if (out := server.feed.past_event(session, target_name(session, channel), entry)) is not None else []
        )
    message = entry.message
    row = message_row(message, channel)
    if session.aircd and told_by_notice(row):
        return []
    own = message.author_id == user.principal.id
    if own and not (session.aircd or session.has("echo-message") or session.has("draft/chathistory")):
        return []
    target, recipient = _addressed(session, channel, message.author_id)
    spoken = server.feed.spoken(row, target, recipient, message.created_at, entry.seq, aircd=REPLAYED)
    return Rendering(spoken).lines_for(session)


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


def _channel_id(entry: Entry) -> str:
    return entry.message.channel_id if isinstance(entry, Numbered) else entry.channel_id or ""
