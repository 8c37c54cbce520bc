"""Orders to the hub that people say where others hear them, such as `!approve id`, and what to tell them then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError
from bridges.irc.presence.rooms import Room
from bridges.irc.service import approvals, guards
from bridges.irc.speech.storing import channel_of
from hub.core.spoken import spoken_order

if TYPE_CHECKING:  # who says what
    from bridges.irc.presence.users import User
    from bridges.irc.session import Session
    from bridges.irc.speech.said import Said


async def obey(session: Session, said: Said, place: Room | User) -> str | None:
    """Do what was said, if it is an order; return what to tell who said it."""
    order = spoken_order(said.text) if said.command == "PRIVMSG" and said.ctcp is None else None
    if order is None:
        return None
    try:
        if order.name == "continue":
            return await guards.continued(session, place.channel) if isinstance(place, Room) else None
        channel = await channel_of(session, place)
        return await approvals.answered(session, order.name, order.subject, order.reason or "", channel)
    except HubError as error:
        return str(error)
