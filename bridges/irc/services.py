"""The server's own services, which answer private messages; `nicks.SERVICES` keeps their nicks for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bridges.irc import nickserv
from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # what they answer
    from bridges.irc.commands.messages import Said
    from bridges.irc.session import Session

_SERVICES: dict[str, Callable[[Session, str], Awaitable[None]]] = {"nickserv": nickserv.answer}
"""By nick: what answers a text."""


async def answer(session: Session, target: str, said: Said) -> bool:
    """Let a service answer; False when the target is none. Nothing but PRIVMSGs gets an answer."""
    service = _SERVICES.get(casefold(target))
    if service is None:
        return False
    if said.command == "PRIVMSG" and said.ctcp is None:
        await service(session, said.text)
    return True
