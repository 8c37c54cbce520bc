"""MONITOR: who watches for whom.

https://ircv3.net/specs/extensions/monitor
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # the server keeps them
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session


class Monitors:
    """Watched nicks, by session and by nick; spellings are kept as the client gave them."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._targets: dict[Session, dict[str, str]] = {}
        self._watchers: dict[str, dict[Session, None]] = {}

    def targets(self, session: Session) -> list[str]:
        """Return whom a session watches for."""
        return list(self._targets.get(session, {}).values())

    def add(self, session: Session, nick: str) -> None:
        """Let a session watch for a nick."""
        folded = casefold(nick)
        self._targets.setdefault(session, {}).setdefault(folded, nick)
        self._watchers.setdefault(folded, {})[session] = None

    def remove(self, session: Session, nick: str) -> None:
        """Let a session watch for a nick no longer."""
        folded = casefold(nick)
        self._targets.get(session, {}).pop(folded, None)
        watchers = self._watchers.get(folded, {})
        watchers.pop(session, None)
        if not watchers:
            self._watchers.pop(folded, None)

    def forget(self, session: Session) -> None:
        """Drop everything a session watches for."""
        for nick in self.targets(session):
            self.remove(session, nick)
        self._targets.pop(session, None)

    def came(self, user: User) -> None:
        """Tell who watches for the user's nick that it is here."""
        watching = self.watching(user)
        for session in watching:
            self._tell(session, n.RPL_MONONLINE, user.mask)
        self._server.metadata.came(user, watching)

    def went(self, user: User) -> None:
        """Tell who watches for the user's nick that it is gone."""
        for session in self.watching(user):
            self._tell(session, n.RPL_MONOFFLINE, user.nick)

    def _tell(self, session: Session, numeric: str, word: str) -> None:
        text = lines.text(numeric, session.nick, word, source=session.server_name)
        session.deliver(Outgoing(text, at=self._server.now()))

    def watching(self, user: User) -> set[Session]:
        """Return who watches for the user's nick."""
        return set(self._watchers.get(casefold(user.nick), ()))

    def extended(self, user: User) -> set[Session]:
        """Return who of them wants to know what becomes of the user beyond that."""
        return {session for session in self.watching(user) if session.has("extended-monitor")}
