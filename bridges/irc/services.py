"""The server's own services: nicks that nobody else may have, and that answer private messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridges.irc.accounts import nickserv
from bridges.irc.presence.users import HUB_HOST
from bridges.irc.service import answers
from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # what they answer
    from bridges.irc.session import Session
    from bridges.irc.speech.said import Said


@dataclass(frozen=True, slots=True)
class Service:
    """A service as clients see it. With `echoes` its conversations look like any other to clients that take echoes."""

    nick: str
    username: str
    realname: str
    answer: Callable[[Session, str], Awaitable[None]]
    echoes: bool = False

    @property
    def mask(self) -> str:
        """Return `nick!user@host`."""
        return f"{self.nick}!{self.username}@{HUB_HOST}"


_SERVICES = {
    "nickserv": Service("NickServ", "services", "Accounts", nickserv.answer),
    "hub": Service(answers.NICK, "service", answers.ABOUT, answers.answer, echoes=True),
}


def by_nick(nick: str) -> Service | None:
    """Return the service of that nick."""
    return _SERVICES.get(casefold(nick))


async def answer(session: Session, target: str, said: Said) -> bool:
    """Let a service answer; False when the target is none. Nothing but PRIVMSGs gets an answer."""
    service = by_nick(target)
    if service is None:
        return False
    if said.command == "PRIVMSG" and said.ctcp is None:
        if service.echoes and session.has("echo-message"):
            mask = session.server.registered(session).mask
            session.command("PRIVMSG", service.nick, said.text, source=mask, tags=said.lasting_tags)
        await service.answer(session, said.text)
    return True
