"""Orders to the hub that people say where others hear them, such as `!approve id`, and what to tell them then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError
from bridges.irc.service import approvals
from hub.core.spoken import spoken_order

if TYPE_CHECKING:  # who says what
    from bridges.irc.session import Session
    from bridges.irc.speech.said import Said


async def obey(session: Session, said: Said) -> str | None:
    """Do what was said, if it is an order; return what to tell who said it."""
    order = spoken_order(said.text) if said.command == "PRIVMSG" and said.ctcp is None else None
    if order is None:
        return None
    try:
        return await approvals.answered(session, order.name, order.subject, order.reason or "")
    except HubError as error:
        return str(error)
