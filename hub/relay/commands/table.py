"""The table of commands, and how what somebody typed becomes one of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from airchat.protocol.errors import InvalidInput
from hub.relay.commands.asker import Asker, require_account
from hub.relay.commands.cases import Cases
from hub.relay.contract.desk import Reply


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks: the `words` behind the command's name, and the same as it was typed, `rest`.

    `about` is the remote id of the message it is about, when it was asked from its menu.
    """

    cases: Cases
    asker: Asker
    words: tuple[str, ...] = ()
    rest: str = ""
    about: str | None = None


Handler = Callable[[Question], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: how it is written, what it does, and how many words it takes."""

    handler: Handler
    usage: str
    summary: str
    least: int
    most: int
    account: bool

    @property
    def name(self) -> str:
        """The word it begins with."""
        return self.usage.split(" ", 1)[0]


COMMANDS: dict[str, Entry] = {}
"""By name."""

_ENDLESS = 10_000


def command(
    usage: str, summary: str, *, least: int = 0, most: int | None = 0, account: bool = False
) -> Callable[[Handler], Handler]:
    """Put the decorated handler into the table; `account` ones are for whoever has an account. None is any number."""

    def register(handler: Handler) -> Handler:
        entry = Entry(handler, usage, summary, least, _ENDLESS if most is None else most, account)
        COMMANDS[entry.name] = entry
        return handler

    return register


def find(text: str) -> Entry | None:
    """Return the command that the text is; None when it is something to say.

    What begins with a command that needs nothing more, but goes on, is something to say: "status of the build?".
    """
    words = text.split()
    entry = COMMANDS.get(words[0].lower()) if words else None
    if entry is None or (entry.least == 0 and len(words) - 1 > entry.most):
        return None
    return entry


async def run(entry: Entry, cases: Cases, asker: Asker, text: str) -> Reply:
    """Do what a command says.

    Raises:
        HubError: it cannot be done; the text says why, and how it could.
    """
    _, *words = text.split()
    if len(words) < entry.least:
        raise InvalidInput(f"Something is missing. Usage: {asker.typed(entry.usage)}")
    if len(words) > entry.most:
        raise InvalidInput(f"That is one word too many. Usage: {asker.typed(entry.usage)}")
    if entry.account:
        require_account(asker)
    parts = text.split(None, 1)
    return await entry.handler(Question(cases, asker, tuple(words), parts[1].strip() if len(parts) > 1 else ""))
