"""How fast clients may talk: who sends more waits, in order, and loses nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from airchat.protocol.principals import Kind
from bridges.irc.transport import flood
from bridges.irc.wire.lines import BODY_LIMIT

if TYPE_CHECKING:  # only looked at
    from bridges.irc.config import IrcConfig
    from bridges.irc.presence.rooms import Room
    from bridges.irc.presence.users import User
    from bridges.irc.session import Session

_QUEUED_BYTES = 128 * 1024

_EXCHANGE = flood.FloodProfile(burst=60, rate=1)
"""How often bots may say something to each other in one channel."""


def pace_of(config: IrcConfig, user: User | None) -> flood.FloodProfile:
    """Return how fast somebody may talk; None is a client of whom nothing is known yet."""
    if not config.limits:
        return flood.NONE
    if user is None or user.guest:
        return flood.PERSON
    if user.principal.name in config.bridges:
        return flood.BRIDGE
    return flood.AGENT if user.principal.kind is Kind.AGENT else flood.PERSON


class Exchange:
    """How much several bots say to each other in one channel while nobody else says anything.

    Programs that answer everything they hear would never stop: after a while they are slowed down together. One that
    talks alone answers nobody.
    """

    def __init__(self) -> None:
        self._flood = flood.Flood(_EXCHANGE)
        self._bots: set[str] = set()

    def heard(self, author_id: str, *, bot: bool) -> None:
        """Take note of who said something."""
        if not bot:
            if self._bots:
                self._flood.change(_EXCHANGE)
                self._bots.clear()
            return
        self._bots.add(author_id)
        if len(self._bots) > 1:
            self._flood.delay()

    def delay(self, author_id: str) -> float:
        """Return how many seconds a bot that wants to say something now has to wait."""
        return self._flood.delay(0.0) if self._bots - {author_id} else 0.0


async def wait_for_exchange(session: Session, room: Room) -> None:
    """Let a bot wait before it answers other bots once more."""
    user = session.user
    if user is not None and user.bot and session.server.config.limits:
        delay = room.exchange.delay(user.principal.id)
        if delay:
            await asyncio.sleep(delay)


async def wait_for_reader(session: Session) -> bool:
    """Wait while much is queued for the client, between the parts of a long answer; False when it reads nothing."""
    return session.connection.queued < _QUEUED_BYTES or await session.server.replays.has_left(session)


async def wait_for_turn(session: Session) -> None:
    """Wait until the client may have something done that is as dear as a line."""
    if delay := session.flood.delay():
        await asyncio.sleep(delay)


def delay_of(session: Session, data: bytes) -> float:
    """Charge the client for a line and return how many seconds that has to wait; a long one counts as several."""
    return session.flood.delay(max(1.0, len(data) / BODY_LIMIT))
