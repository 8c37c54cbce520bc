"""Whoever may not come in any more does not stay either: sessions end with the token or account that opened them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from airchat.protocol.events import Event
from bridges.irc.accounts.login import still_good
from hub.core.credentials import whose_access

if TYPE_CHECKING:  # the server owns it
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session

_TICK_SECONDS = 15.0


class Access:
    """Looks again at who has a session, when the log says that something changed and when a token expires."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._checks: set[asyncio.Task[None]] = set()

    def observe(self, events: Sequence[Event]) -> None:
        """Look again at whose access these events changed."""
        for owner_id in {whose_access(event) for event in events}:
            user = self._server.users.present(owner_id) if owner_id is not None else None
            for session in list(user.sessions) if user is not None else ():
                self.look_at(session)

    def look_at(self, session: Session) -> None:
        """Look again at whoever this is, soon: what changed before they were here was told to nobody."""
        task = asyncio.create_task(self._check(session), name="irc access")
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def run(self) -> None:
        """End sessions whose token expires, until cancelled."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self._server.now()
            for session in list(self._server.sessions):
                credential = session.login.credential if session.login is not None else None
                if credential is not None and credential.expires_at is not None and credential.expires_at <= now:
                    session.end("Your token has expired")

    async def _check(self, session: Session) -> None:
        accounts, login = self._server.hub.accounts, session.login
        if session.user is not None and not session.user.principal.active:
            session.end("You are deactivated")
        elif login is not None and not await still_good(accounts, login, session.connection.certificate):
            session.end("What you logged in with is not valid any more")
