"""BATCH: several lines that are one message.

https://ircv3.net/specs/extensions/multiline
"""

import re

from airchat.protocol.errors import HubError
from bridges.irc.commands.messages import send
from bridges.irc.commands.table import command
from bridges.irc.log.rendering import MULTILINE
from bridges.irc.session import Session
from bridges.irc.speech.batches import Refusal, close_batch, open_batch
from bridges.irc.wire.lines import Line

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


@command("BATCH", 1)
async def batch(session: Session, line: Line) -> None:
    """Open or close a batch."""
    sign, name = line.params[0][:1], line.params[0][1:]
    if sign == "+":
        _open(session, name, line)
    elif sign == "-" and session.incoming is not None and session.incoming.name == name:
        await _close(session)
    else:
        session.fail("BATCH", "INVALID_REFTAG", line.params[0] or "*", text="There is no such batch")


def _open(session: Session, name: str, line: Line) -> None:
    kind, target = (*line.params[1:], "", "")[:2]
    if kind != MULTILINE or not session.has(MULTILINE):
        session.fail("BATCH", "UNKNOWN_TYPE", name or "*", kind or "*", text="Clients may send no such batch")
    elif not _NAME.fullmatch(name) or (session.incoming is not None and not session.incoming.spoilt):
        session.fail("BATCH", "INVALID_REFTAG", name or "*", text="The name is none, or another batch is open")
    elif not target or "," in target:
        session.fail("BATCH", "MULTILINE_INVALID_TARGET", target or "*", target or "*", text="It needs one target")
    else:
        open_batch(session, name, target, line)


async def _close(session: Session) -> None:
    """Say what was collected, as the answer to the command that opened the batch."""
    found = session.incoming
    if found is None:
        return
    close_batch(session, found)
    if found.spoilt:
        return
    with session.responding(found.label):
        try:
            await send(session, found.target, found.said())
        except Refusal as error:
            session.fail("BATCH", *error.words, text=str(error))
        except HubError as error:
            session.fail("BATCH", error.code.upper(), text=str(error))
