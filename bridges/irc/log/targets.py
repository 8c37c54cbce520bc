"""What the targets of commands about the past mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.core.direct import direct_name

if TYPE_CHECKING:  # whose targets
    from airchat.protocol.channels import Channel
    from bridges.irc.session import Session


def channel_of(session: Session, target: str) -> Channel | None:
    """Return the channel that is meant: one the user is in, or the direct one with somebody, if there is one yet."""
    room = session.server.rooms.by_name(target)
    if room is not None:
        return room.channel if room.has(session.server.registered(session)) else None
    return None if target.startswith("#") else direct_with(session, target)


def direct_with(session: Session, nick: str) -> Channel | None:
    """Return the direct channel with somebody, if there is one yet."""
    server, user = session.server, session.server.registered(session)
    other = server.users.by_nick(nick)
    if other is None:
        return None
    return server.hub.directory.channel_by_name(direct_name([user.principal.id, other.principal.id]))
