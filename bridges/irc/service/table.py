"""The table of the service's commands, what one is asked with, and what is wrong with that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airchat.protocol.errors import InvalidInput

if TYPE_CHECKING:  # whoever asks
    from airchat.protocol.principals import Principal
    from bridges.irc.hub import Hub
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know: the words after the command."""

    session: Session
    words: tuple[str, ...]

    @property
    def server(self) -> IrcServer:
        """The server that is asked."""
        return self.session.server

    @property
    def hub(self) -> Hub:
        """The hub's use-cases."""
        return self.session.server.hub

    @property
    def user(self) -> User:
        """Who asks."""
        return self.session.server.registered(self.session)

    @property
    def actor(self) -> Principal:
        """Who asks, as the hub knows them."""
        return self.user.principal


Handler = Callable[[Question], AsyncIterator[str]]
"""Yields the lines of the answer, as many as are wanted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: how it is written, what it does, and how many words it takes. `writes` needs more than reading."""

    handler: Handler
    usage: str
    summary: str
    least: int
    most: int
    writes: bool


COMMANDS: dict[str, Entry] = {}


def command(
    usage: str, summary: str, *, least: int = 0, most: int = 0, writes: bool = False
) -> Callable[[Handler], Handler]:
    """Put the decorated handler into the table, under the first word of its usage."""

    def register(handler: Handler) -> Handler:
        COMMANDS[usage.split(" ", 1)[0]] = Entry(handler, usage, summary, least, most, writes)
        return handler

    return register


def check(entry: Entry, words: tuple[str, ...]) -> None:
    """Do nothing when the command takes that many words.

    Raises:
        InvalidInput: it needs more, or takes fewer.
    """
    if len(words) < entry.least:
        named = entry.usage.split(" ", 1)[1]
        raise InvalidInput(f"{named} is missing. Usage: {entry.usage}")
    if len(words) > entry.most:
        raise InvalidInput(f'"{words[entry.most]}" is one word too many. Usage: {entry.usage}')


def require_write(session: Session) -> None:
    """Do nothing when whoever is at the session may change something.

    Raises:
        InvalidInput: their token is for reading.
    """
    if session.login is not None and session.login.scope != "write":
        raise InvalidInput("Your token may read, but not change anything")
