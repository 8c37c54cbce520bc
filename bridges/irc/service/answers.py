"""The service's side of a conversation: one question, and an answer in pages of at most 20 notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from airchat.protocol.errors import HubError, RateLimited
from bridges.irc.service import account, approvals, files, guards, messages, work
from bridges.irc.service.places import quoted
from bridges.irc.service.table import COMMANDS, Question, check, command, require_write
from bridges.irc.wire.split import first

if TYPE_CHECKING:  # whom it answers
    from bridges.irc.session import Session

NICK = "hub"
MASK = "hub!service@hub"
ABOUT = "The hub itself: /msg hub help"

PAGE = messages.PAGE
"""Lines of an answer before it asks whether to go on; with what is said around them they are at most 20."""

_ROW_BYTES = 450
_TOPICS = (account, approvals, files, guards, messages, work)


class Pages:
    """The lines of one answer; `shown` of them were told."""

    def __init__(self, rows: AsyncIterator[str]) -> None:
        self._rows = rows
        self._next: str | None = None
        self._begun = False

    async def page(self) -> tuple[list[str], bool]:
        """Return the next lines, and whether there are more."""
        if not self._begun:
            self._begun, self._next = True, await anext(self._rows, None)
        found: list[str] = []
        while self._next is not None and len(found) < PAGE:
            found.append(self._next)
            self._next = await anext(self._rows, None)
        return found, self._next is not None


async def answer(session: Session, text: str) -> None:
    """Answer what somebody says to the hub."""
    words = text.split()
    name = words[0].lower() if words else "help"
    try:
        pages = await _pages(session, name, tuple(words[1:]))
        rows, more = await pages.page() if pages is not None else ([], False)
    except RateLimited as error:
        tell(session, f"{error} (in {error.retry_after} s)")
        return
    except HubError as error:
        tell(session, str(error))
        return
    for row in rows:
        tell(session, row)
    if more and pages is not None:
        session.unfinished = pages
        tell(session, "There is more: /msg hub more")


async def _pages(session: Session, name: str, words: tuple[str, ...]) -> Pages | None:
    """Return the lines of the answer; what was left of the one before is given up, unless it is asked for."""
    rest, session.unfinished = session.unfinished, None
    if name == "more":
        if rest is None:
            tell(session, "There is no more of the last answer")
        return rest
    entry = COMMANDS.get(name)
    if entry is None:
        tell(session, f'There is no command "{quoted(name, 40)}"; help lists those that there are')
        return None
    check(entry, words)
    if entry.writes:
        require_write(session)
    return Pages(entry.handler(Question(session, words)))


@command("help [command]", "List the commands, or tell about one", most=1)
async def help_(question: Question) -> AsyncIterator[str]:
    """Yield the commands."""
    if question.words:
        entry = COMMANDS.get(question.words[0].lower())
        if entry is None:
            yield f'There is no command "{quoted(question.words[0], 40)}"; help lists those that there are'
        else:
            yield f"{entry.usage}: {entry.summary}"
        return
    for _, entry in sorted(COMMANDS.items()):
        yield f"{entry.usage}: {entry.summary}"
    yield "more: Go on with a long answer"


def tell(session: Session, text: str) -> None:
    """Say a line to somebody, as the hub."""
    session.command("NOTICE", session.nick, first(text, _ROW_BYTES), source=MASK)
