"""The streams that are up to date: what gathered in a moment is made into one piece and written to all of them at once.

A stream that needs more than that is left to its own task: one whose connection still holds something, whose owner's
keys may have changed, or for which too much has gathered.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airchat.protocol.events import Event
from hub.api.frames import Frames, Selection
from hub.core.credentials import whose_access
from hub.relay.waits import sleep_until

if TYPE_CHECKING:
    from aiohttp import web  # slow import

_log = logging.getLogger(__name__)

_REST = 3
"""So many times as long as writing took, the next writing is put off: it takes a quarter of the event loop at most."""
_MOST_REST = 0.02
_LIGHT = 32 * 1024
"""So many bytes a connection that holds none takes without waiting: its transport begins to push back at twice that."""
_MOST = 128 * 1024
"""So many bytes at most are written to all who are up to date, whether or not each of them takes all of it at once."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """The connection to a subscriber; after `stall` seconds in which it takes nothing, it is given up.

    `chunked` is what HTTP/1.1 makes of an answer whose length nobody knows.
    """

    request: web.Request
    response: web.StreamResponse
    stall: float
    chunked: bool

    @property
    def gone(self) -> bool:
        """Whether the subscriber has left."""
        transport = self.request.transport
        return transport is None or transport.is_closing()

    async def write(self, chunk: bytes) -> None:
        """Write and, when the connection holds enough, wait until it took it.

        Raises:
            TimeoutError: it did not in time.
        """
        transport = self.request.transport
        if transport is not None and len(chunk) < _LIGHT and not transport.get_write_buffer_size():
            await self.response.write(chunk)
            return
        async with asyncio.timeout(self.stall):
            await self.response.write(chunk)

    def write_at_once(self, chunk: bytes, framed: bytes) -> bool:
        """Write a chunk, if the connection holds nothing; tell whether. `framed` is the same for HTTP's chunks."""
        transport = self.request.transport
        if transport is None or transport.is_closing() or transport.get_write_buffer_size():
            return False
        transport.write(framed if self.chunked else chunk)
        return True


@dataclass(slots=True, eq=False)
class Follower:
    """A stream: who sees it, what of the log is wanted, and up to where it was sent. `quiet` as long as nothing was."""

    outlet: Outlet
    viewer_id: str
    selection: Selection
    position: int
    quiet: bool = True
    _left: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    async def left(self, seconds: float) -> None:
        """Wait until the stream is left to its task, or so long."""
        self._left.clear()
        await sleep_until(self._left, seconds)

    def leave(self) -> None:
        """Leave the stream to its task."""
        self._left.set()


class Live:
    """Writes to followers what `observe` is told of the log."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._followers: set[Follower] = set()
        self._gathered: list[Event] = []
        self._timer: asyncio.Handle | None = None
        self._rested_at = 0.0

    async def follow(self, follower: Follower, seconds: float) -> None:
        """Write what comes after the follower's position, which is the log's end, for so long or until it is left.

        Its position has moved on then, and it is not quiet any more if something was written.
        """
        follower.quiet = True
        self._followers.add(follower)
        try:
            await follower.left(seconds)
        finally:
            self._followers.discard(follower)

    async def dismiss_gone(self) -> None:
        """Leave streams to their tasks whose subscribers left, which nobody noticed as nothing was to be written."""
        for follower in [one for one in self._followers if one.outlet.gone]:
            follower.leave()
        await asyncio.sleep(0)  # their turn comes before ours

    def observe(self, events: Sequence[Event]) -> None:
        """Gather what was committed, and see to it that it is written soon: at once, when there is little to do."""
        if not self._followers:
            return
        self._gathered += events
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._rested_at, self._write)

    def _write(self) -> None:
        begun = time.thread_time()
        self._timer = None
        events, self._gathered = self._gathered, []
        owners = {owner for event in events if (owner := whose_access(event)) is not None}
        framed: dict[bytes, bytes] = {}
        for follower in list(self._followers):
            if follower.viewer_id in owners or not self._write_to(follower, events, framed):
                self._followers.discard(follower)
                follower.leave()
        rest = min(_REST * (time.thread_time() - begun), _MOST_REST)
        self._rested_at = asyncio.get_running_loop().time() + rest

    def _write_to(self, follower: Follower, events: list[Event], framed: dict[bytes, bytes]) -> bool:
        """Write what is new to a follower; tell whether that was possible. `framed` has what was written to others."""
        try:
            chunk, position = self._news_of(follower, events)
            if len(chunk) > _MOST:
                return False
            if chunk:
                if chunk not in framed:
                    framed[chunk] = b"%x\r\n%b\r\n" % (len(chunk), chunk)
                if not follower.outlet.write_at_once(chunk, framed[chunk]):
                    return False
                follower.quiet = False
        except Exception:  # noqa: BLE001 - whatever it is, it is for the stream's own task, and not for all others
            _log.exception("a stream could not be written to")
            return False
        follower.position = position
        return True

    def _news_of(self, follower: Follower, events: list[Event]) -> tuple[bytes, int]:
        """Return what a follower sees of the events that it has not got yet, and its position after them."""
        if follower.position >= events[0].seq:
            events = [event for event in events if event.seq > follower.position]
        if not events:
            return b"", follower.position
        chunk = self._frames.shared(follower.selection, follower.viewer_id, events)
        if chunk is None:
            wanted = self._frames.wanted(follower.selection, follower.viewer_id, events)
            chunk = b"".join(map(self._frames.of, wanted))
        return chunk, events[-1].seq
