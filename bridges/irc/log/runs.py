"""Runs of messages: what is said in one channel, line after line, goes to each client of the channel in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridges.irc.outgoing import Lines, Outgoing

if TYPE_CHECKING:  # only looked at
    from bridges.irc.presence.rooms import Room
    from bridges.irc.session import Session


class Run:
    """Gathers lines that are the same for everybody in a channel, until something else is to be shown.

    `cause` is the session whose doing they are; it gets them only if it asked for echoes.
    """

    def __init__(self) -> None:
        self._room: Room | None = None
        self._cause: Session | None = None
        self._outs: list[Outgoing] = []

    def add(self, room: Room, cause: Session | None, out: Outgoing) -> None:
        """Add a line; one for another channel or from somebody else begins a new run."""
        if self._outs and (room is not self._room or cause is not self._cause):
            self.show()
        self._room, self._cause = room, cause
        self._outs.append(out)

    def show(self) -> None:
        """Show what has been gathered."""
        if self._room is None or not self._outs:
            return
        outs, self._outs = self._outs, []
        found, cause = Lines(outs), self._cause
        for session in self._room.audience():
            if session is not cause:
                session.deliver_all(found)
            elif cause.takes_echo:
                for out in outs:
                    session.deliver(out, caused=True)
