"""Coming and going: sessions become somebody's and cease to be, and whoever ought to know is told."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from airchat.protocol.errors import Unavailable
from airchat.protocol.principals import Kind
from bridges.irc.speech.pace import pace_of

if TYPE_CHECKING:  # the server owns it
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session

_log = logging.getLogger(__name__)


class Attendance:
    """What happens when the sessions of one server come and go."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._endings: set[asyncio.Task[None]] = set()

    async def settled(self) -> None:
        """Wait until the guests are gone whose last session has ended by now."""
        if self._endings:
            await asyncio.wait(set(self._endings))

    async def begin(self, session: Session, user: User, *, device: str, nick_stays: bool = False) -> None:
        """Attach a session to whom it has just become; `nick_stays` when somebody else leaves them the nick."""
        server = self._server
        if not user.guest and not user.sessions:
            user.markers = await server.hub.markers.of(user.principal)
            await server.mutes.load(user)
        if user.principal.kind is Kind.AGENT:
            for older in list(user.sessions):
                older.end(f"Replaced by a newer session for {user.principal.name}")
                self.detach(older)
                session.replaced_at = server.now()
        first, before = not user.sessions, None if user.guest else user.away_text
        session.user = user
        server.newcomers.discard(session)
        session.device = device
        session.sent_seq = server.hub.bus.head
        session.hold()
        user.sessions.append(session)
        server.users.enter(user)
        for room in server.rooms.with_user(user):
            room.changed()
        if first:
            user.signed_on = user.idle_since = server.now()
            server.tally.came(user)
            if not nick_stays:
                server.monitors.came(user)
        if user.away_text != before:
            server.show_away(user)
        server.hub.presence.touch(user.principal)
        session.settle()
        session.flood.change(pace_of(server.config, user))
        server.access.look_at(session)

    async def leave(self, session: Session, reason: str, *, nick_stays: bool) -> None:
        """Detach a session that is about to be somebody else; return when everybody has seen it."""
        self._server.replays.ended(session, clean=False)
        self.detach(session, reason, nick_stays=nick_stays)
        await self.settled()

    async def quit(self, session: Session, reason: str) -> None:
        """End a session at its client's wish; whoever sees the user hears of it before the client does."""
        self.detach(session, reason)
        await self.settled()
        session.end(f"Closing link: {reason}")

    def ended(self, session: Session) -> None:
        """Take note that a connection is gone, and that what came by it is done."""
        server = self._server
        server.sessions.discard(session)
        server.newcomers.discard(session)
        server.replays.ended(session, clean=False)
        self.detach(session, "Connection closed")
        server.monitors.forget(session)

    def detach(self, session: Session, reason: str = "", *, nick_stays: bool = False) -> None:
        """Let a session be nobody's; nothing happens when it is. A guest begins to go with their last one."""
        server, user = self._server, session.user
        if user is None or session not in user.sessions:
            return
        before = user.away_text
        user.sessions.remove(session)
        for room in server.rooms.with_user(user):
            room.changed()
        if user.sessions:
            if user.away_text != before:
                server.show_away(user)
            return
        server.tally.went(user)
        user.modes.discard("o")
        if user.guest:
            task = asyncio.create_task(
                self._retire(user, reason, nick_stays=nick_stays), name=f"irc quit of {user.nick}"
            )
            self._endings.add(task)
            task.add_done_callback(self._endings.discard)
        else:
            server.whowas.add(user, server.now())
            server.monitors.went(user)
            if user.away_text != before:
                server.show_away(user)

    async def _retire(self, user: User, reason: str, *, nick_stays: bool) -> None:
        """Let a guest go: their memberships in the hub with the next commit, and then their nick."""
        if not nick_stays:
            self._server.whowas.add(user, self._server.now())
            self._server.monitors.went(user)
        try:
            await self._server.hub.guests.retire(user.principal, reason)
            await self._server.hub.bus.settled()
        except Unavailable as error:
            _log.warning("a guest could not be retired: %s", error)
        except Exception:  # noqa: BLE001 - the nick is freed all the same
            _log.exception("a guest could not be retired")
        self._server.users.leave(user)
