"""What passes by: words and tags shown to who is here now and nowhere kept, such as that somebody is typing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airchat.protocol.ids import new_id
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines

if TYPE_CHECKING:  # only looked at
    from bridges.irc.commands.messages import Said
    from bridges.irc.session import Session
    from bridges.irc.users import User


def pass_to(session: Session, said: Said, target: str, audience: Iterable[Session]) -> None:
    """Show it to an audience; to the session it comes from only if that asked for echoes."""
    _show(session, _line(session, said, target), said, audience)


def pass_to_user(session: Session, said: Said, target: User) -> None:
    """Show it to somebody, and to the sender's own sessions; who writes to themselves gets an echo and a delivery."""
    out, user = _line(session, said, target.nick), session.server.registered(session)
    _show(session, out, said, user.sessions)
    if target is not user:
        _show(session, out, said, target.sessions)
    elif _takes(session, said):
        session.deliver(out)


def _line(session: Session, said: Said, target: str) -> Outgoing:
    server, user = session.server, session.server.registered(session)
    tags = {"msgid": new_id(server.now()), **server.author_tags(user), **said.tags}
    params = (target,) if said.command == "TAGMSG" else (target, said.text)
    return Outgoing(lines.text(said.command, *params, source=user.mask), tags, at=server.now())


def _show(origin: Session, out: Outgoing, said: Said, audience: Iterable[Session]) -> None:
    for other in audience:
        if _takes(other, said) and (other is not origin or origin.has("echo-message")):
            other.deliver(out, caused=other is origin)


def _takes(session: Session, said: Said) -> bool:
    return said.command != "TAGMSG" or session.has("message-tags")
