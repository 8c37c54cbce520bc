"""What a client missed: each device has a cursor in the hub's log, and gets what is above it when it comes back.

A cursor moves only when the client has certainly read: when it answers the PING that follows what it was sent, or when
it ends the connection itself with nothing unread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server owns them
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session


class Replays:
    """The cursors of one server's sessions."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server

    async def begin(self, session: Session) -> None:
        """Send a session that has just come what its device missed."""

    def ponged(self, session: Session, token: str) -> None:
        """Move the cursor up to where the PING with this token was sent."""

    def ended(self, session: Session, *, clean: bool) -> None:
        """Move the cursor for the last time."""
