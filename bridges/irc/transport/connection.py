"""What a connection looks like to the session behind it, whatever carries its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

LINGER = 3.0
"""Seconds that a closing connection waits for the other end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: what may wait for a client before it is slow; a line without its end (the longest tags and message)."""

    queue: int = 1 << 20
    line: int = 8191 + 512


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end.

    `address` is an IP address, the client's own behind a trusted proxy. `certificate` is the SHA-256 fingerprint of
    the client's certificate in lower-case hex; nobody vouches for the name in it.
    """

    address: str
    port: int
    secure: bool = False
    certificate: str | None = None

    @property
    def hostname(self) -> str:
        """Return the address as it can stand in a mask: never with a colon in front."""
        return f"0{self.address}" if self.address.startswith(":") else self.address


class Ticket(Protocol):
    """A connection's place among those that are let in."""

    def settle(self) -> None:
        """Count it no longer among those of whom nothing is known yet."""

    def release(self) -> None:
        """Count it no longer at all. Both may be called again without effect."""


class Receiver(Protocol):
    """What a session is told, always from the event loop and never from inside a call that it made itself."""

    def line_received(self, data: bytes) -> None:
        """Take a line, without its end; never empty. It may hold CR, NUL and bytes that are not UTF-8."""

    def line_too_long(self) -> None:
        """Learn that a line was too long. All of it is dropped; the connection lives."""

    def slow(self) -> None:
        """Learn, once, that more than the limit waits for the client. What is written from now on is dropped."""

    def lost(self, clean: bool) -> None:  # noqa: FBT001 - the one fact about the end
        """Learn, once and last, that the client is gone.

        `clean` means that it ended the connection itself while nothing sent to it was unacknowledged, so that it has
        read all of it (a client that closes with something unread resets the connection instead).
        """


class Connection(Protocol):
    """A client's connection. No method raises or waits, whatever the state of the connection."""

    address: str
    port: int
    secure: bool
    certificate: str | None
    hostname: str

    @property
    def queued(self) -> int:
        """Return the bytes that the kernel has not yet taken."""

    def unacknowledged(self) -> int:
        """Return `queued` and the bytes that the client's kernel has not yet acknowledged (0 where none can tell)."""

    def take_lines_of(self, size: int) -> None:
        """Take lines of up to so many bytes from now on."""

    @property
    def ended(self) -> bool:
        """Whether the client has ended its side: nothing tells whether it reads what is written from now on."""

    def write(self, data: bytes) -> None:
        """Queue whole lines, each with CR LF. All that is written in one round of the loop leaves in one piece."""

    async def drained(self) -> None:
        """Wait until little is queued, or the connection is gone: between the pages of something long."""

    def pause(self) -> None:
        """Tell no more lines, and soon read no more, until `resume`."""

    def resume(self) -> None:
        """Go on after `pause`; waiting lines are told soon, not from inside this call."""

    def settle(self) -> None:
        """Count the client no longer among those of whom nothing is known yet."""

    def close(self, final: bytes = b"") -> None:
        """Send what is queued and `final`, end the sending side, and be gone within seconds."""

    def abort(self) -> None:
        """Be gone now; what is queued is lost."""


MakeSession = Callable[[Connection], Receiver]
"""Called once for each connection, when it is ready to be written to."""
