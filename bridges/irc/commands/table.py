"""The table of commands: a handler, how many parameters it needs, and whether one must be registered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bridges.irc.session import Session
from bridges.irc.wire.lines import Line

Handler = Callable[[Session, Line], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `params` is the least number of parameters; `early` ones are taken before registration, too."""

    handler: Handler
    params: int = 0
    early: bool = False


COMMANDS: dict[str, Command] = {}


def command(name: str, params: int = 0, *, early: bool = False) -> Callable[[Handler], Handler]:
    """Put the decorated handler into the table."""

    def register(handler: Handler) -> Handler:
        COMMANDS[name] = Command(handler, params, early)
        return handler

    return register
