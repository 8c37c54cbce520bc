"""How fast clients may talk: who sends more waits, in order, and loses nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from airchat.protocol.principals import Kind
from bridges.irc.transport import flood
from bridges.irc.wire.lines import BODY_LIMIT

if TYPE_CHECKING:  # only looked at
    from bridges.irc.config import IrcConfig
    from bridges.irc.session import Session
    from bridges.irc.users import User


def pace_of(config: IrcConfig, user: User | None) -> flood.FloodProfile:
    """Return how fast somebody may talk; None is a client of whom nothing is known yet."""
    if not config.limits:
        return flood.NONE
    if user is None or user.guest:
        return flood.PERSON
    if user.principal.name in config.bridges:
        return flood.BRIDGE
    return flood.AGENT if user.principal.kind is Kind.AGENT else flood.PERSON


async def wait_for_turn(session: Session, data: bytes) -> None:
    """Wait until the client may have this line taken; a long one counts as several."""
    delay = session.flood.delay(max(1.0, len(data) / BODY_LIMIT))
    if delay:
        await asyncio.sleep(delay)
