"""What a client missed: what the log has for it above a place, which is what it is sent when it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import NotFound
from airchat.protocol.events import Event, EventKind
from bridges.irc.log.past import author_of, channel_of
from bridges.irc.log.tasks import DIALECT_KINDS

if TYPE_CHECKING:  # only asked
    from bridges.irc.session import Session
    from hub.core.history import Entry

_PAGE = 500
_CHANGES = frozenset({EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED})


async def since(session: Session) -> dict[str, int]:
    """Return where the user is a member, by channel id, and since when: of a channel they get nothing from before."""
    return await session.server.hub.history.joined(session.server.registered(session).principal)


async def due(session: Session, since: dict[str, int], after: int, place: int, upto: int) -> tuple[list[Entry], int]:
    """Return what a client that has everything up to `after` is sent above `place`, a page of it, and where that ends.

    It ends at `upto`, or before when there is more.
    """
    server, user = session.server, session.server.registered(session)
    entries = await server.hub.history.missed(user.principal, list(since), place, _PAGE, _kinds(session))
    page = [entry for entry in entries if entry.seq <= upto]
    found = [one for one in _heard(session, page) if await _concerns(session, one, since, after)]
    return found, page[-1].seq if len(page) == _PAGE else upto


def _kinds(session: Session) -> tuple[EventKind, ...]:
    """Return which events, beside messages, the client gets again."""
    if session.aircd:
        return DIALECT_KINDS
    deletions = (EventKind.MESSAGE_DELETED,) if session.has("draft/message-redaction") else ()
    return (EventKind.MESSAGE_EDITED, *deletions)


def _heard(session: Session, page: list[Entry]) -> list[Entry]:
    """Leave out what the user has muted."""
    mutes, user = session.server.mutes, session.server.registered(session)
    if not mutes.of(user):
        return page
    return [one for one in page if not mutes.keeps(user.principal, channel_of(one), author_of(one))]


async def _concerns(session: Session, entry: Entry, since: dict[str, int], after: int) -> bool:
    """Tell whether the user was there, and in case of a change, whether the client knows what was changed."""
    if not isinstance(entry, Event):
        return entry.message.created_at >= since[entry.message.channel_id]
    if entry.created_at < since.get(entry.channel_id or "", 0):
        return False
    if entry.kind not in _CHANGES or entry.subject_id is None:
        return True
    try:
        principal = session.server.registered(session).principal
        changed = await session.server.hub.history.locate(principal, entry.subject_id)
    except NotFound:
        return False
    return changed.seq <= after
