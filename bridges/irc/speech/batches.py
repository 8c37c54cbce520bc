"""Batches that a client sends: the lines of one message of many lines, collected until the batch is closed.

https://ircv3.net/specs/extensions/multiline
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridges.irc.log.rendering import CONCAT, MULTILINE
from bridges.irc.outgoing import Outgoing
from bridges.irc.speech.said import Said
from bridges.irc.wire import lines
from bridges.irc.wire.names import casefold
from bridges.irc.wire.tags import client_only

if TYPE_CHECKING:  # whose batches
    from bridges.irc.session import Session
    from bridges.irc.wire.lines import Line

MAX_BYTES = 4096
MAX_LINES = 32
SECONDS = 30.0
"""How long a batch may stay open."""

VALUE = f"max-bytes={MAX_BYTES},max-lines={MAX_LINES}"
"""What the capability's value says."""


class Refusal(Exception):
    """A batch cannot be sent on; `words` are the code and its context, the text says why."""

    def __init__(self, text: str, *words: str) -> None:
        super().__init__(text)
        self.words = words


@dataclass(slots=True)
class Batch:
    """An open batch. Its first mistake is told at once and makes it `spoilt`: the rest of it is dropped in silence."""

    name: str
    target: str
    tags: dict[str, str]
    label: str | None
    command: str = ""
    texts: list[str] = field(default_factory=list)
    concats: list[bool] = field(default_factory=list)
    size: int = 0
    spoilt: bool = False
    timer: asyncio.TimerHandle | None = None

    def add(self, line: Line) -> None:
        """Take a line.

        Raises:
            Refusal: it cannot be a part of this message.
        """
        if line.command not in ("PRIVMSG", "NOTICE") or self.command not in ("", line.command) or not line.params:
            raise Refusal("A message of many lines is all of PRIVMSG, or all of NOTICE", "MULTILINE_INVALID")
        if casefold(line.params[0]) != casefold(self.target):
            raise Refusal("The target is not the batch's", "MULTILINE_INVALID_TARGET", self.target, line.params[0])
        text, concat = line.params[1] if len(line.params) > 1 else "", CONCAT in line.tags
        if concat and not (text and self.texts):
            raise Refusal("Only a text can go on what is before it", "MULTILINE_INVALID")
        self.size += len(text.encode()) + (1 if self.texts and not concat else 0)
        if self.size > MAX_BYTES:
            raise Refusal("The message is too long", "MULTILINE_MAX_BYTES", str(MAX_BYTES))
        if len(self.texts) >= MAX_LINES:
            raise Refusal("The message has too many lines", "MULTILINE_MAX_LINES", str(MAX_LINES))
        self.command = line.command
        self.texts.append(text)
        self.concats.append(concat)

    def said(self) -> Said:
        """Return the message.

        Raises:
            Refusal: there is nothing in it.
        """
        if not "".join(self.texts).strip():
            raise Refusal("There is no text in the message", "MULTILINE_INVALID")
        text, cuts = self.texts[0], []
        for row, concat in zip(self.texts[1:], self.concats[1:], strict=True):
            if concat:
                cuts.append(len(text))
                text += row
            else:
                text += f"\n{row}"
        said = Said(self.command, text, self.tags)
        return said if said.ctcp is not None else Said(self.command, text, self.tags, tuple(cuts))


def open_batch(session: Session, name: str, target: str, line: Line) -> None:
    """Begin to collect; the answer to the command that opens a batch comes when it is closed."""
    label = session.label
    session.unlabelled()
    batch = Batch(name, target, client_only(line.tags), label)
    batch.timer = asyncio.get_running_loop().call_later(SECONDS, _expire, session, batch)
    session.incoming = batch


def take(session: Session, line: Line) -> bool:
    """Take a line that says it belongs to a batch; False when that means nothing here."""
    if session.user is None or not session.has(MULTILINE):
        return False
    batch, name = session.incoming, line.tags["batch"]
    if batch is None:
        session.fail("BATCH", "MULTILINE_INVALID", text="There is no such batch")
    elif not batch.spoilt:
        try:
            if name != batch.name:
                raise Refusal("There is no such batch", "MULTILINE_INVALID")
            batch.add(line)
        except Refusal as error:
            batch.spoilt = True
            with session.responding(batch.label):
                session.fail("BATCH", *error.words, text=str(error))
    return True


def close_batch(session: Session, batch: Batch) -> None:
    """End collecting."""
    session.incoming = None
    if batch.timer is not None:
        batch.timer.cancel()


def _expire(session: Session, batch: Batch) -> None:
    if session.incoming is batch and not batch.spoilt:
        batch.spoilt = True
        words = ("BATCH", "TIMEOUT", batch.name, "The batch was open too long")
        text = lines.text("FAIL", *words, source=session.server_name)
        session.deliver(Outgoing(text, {"label": batch.label} if batch.label else {}, at=session.server.now()))
