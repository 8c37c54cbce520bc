"""Evidence: what a client shows to have by naming a line, before it answers the PING behind it.

A place in the log is one for all channels, while a client names a line of one: so what it has of each is kept until its
cursor is past that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airchat.protocol.timestamps import MILLISECOND
from bridges.irc.log.past import channel_of, entry_lines
from store.ports.messages import Numbered

if TYPE_CHECKING:  # only looked at
    from airchat.protocol.channels import Channel
    from bridges.irc.session import Session
    from hub.core.history import Entry


@dataclass(frozen=True, slots=True)
class Named:
    """A line as a client names it: by its place in the log, or by its time, which it knows to the millisecond."""

    seq: int | None = None
    at: int | None = None

    def names(self, entry: Entry) -> bool:
        """Tell whether this is the entry."""
        if self.seq is not None:
            return entry.seq == self.seq
        at = entry.message.created_at if isinstance(entry, Numbered) else entry.created_at
        return self.at is not None and at // MILLISECOND == self.at // MILLISECOND


@dataclass(slots=True)
class Evidence:
    """Up to where one client has shown to have the lines of each channel, by channel id."""

    _reached: dict[str, int] = field(default_factory=dict)

    def add(self, session: Session, sent: Sequence[Entry], channel: Channel, named: Named) -> bool:
        """Take in that a client has what it was sent of a channel up to the line that it named; False if it has none.

        A time that no line has shows nothing: the client's clock may be ahead of what has come. Of several lines in one
        millisecond it may have the first alone.
        """
        for entry in sent:
            if channel_of(entry) == channel.id and named.names(entry) and entry_lines(session, channel, entry):
                self._reached[channel.id] = max(entry.seq, self._reached.get(channel.id, 0))
                return True
        return False

    def reaches(self, session: Session, sent: Sequence[Entry], end: int) -> int:
        """Return up to where the client has everything, of what it was sent up to `end`."""
        for entry in sent:
            channel_id = channel_of(entry)
            if entry.seq <= self._reached.get(channel_id, 0):
                continue
            channel = session.server.hub.directory.channel(channel_id)
            if channel is not None and entry_lines(session, channel, entry):
                return entry.seq - 1
        return end

    def forget(self, seq: int) -> bool:
        """Drop what is up to `seq`; True when nothing is left."""
        self._reached = {channel_id: place for channel_id, place in self._reached.items() if place > seq}
        return not self._reached
