"""What passes by: words and tags shown to who is here now and nowhere kept, such as that somebody is typing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airchat.protocol.ids import new_id
from bridges.irc.log.rendering import Rendering, Spoken

if TYPE_CHECKING:  # only looked at
    from bridges.irc.presence.rooms import Room
    from bridges.irc.presence.users import User
    from bridges.irc.session import Session
    from bridges.irc.speech.said import Said


def pass_to(session: Session, said: Said, target: str, room: Room, audience: Iterable[Session]) -> None:
    """Show it to an audience in a channel; to the session it comes from only if that asked for echoes."""
    _show(session, _rendering(session, said, target), said, audience, room.channel.id)


def pass_to_user(session: Session, said: Said, target: User) -> None:
    """Show it to somebody, and to the sender's own sessions; who writes to themselves gets an echo and a delivery."""
    rendering, user = _rendering(session, said, target.nick), session.server.registered(session)
    _show(session, rendering, said, user.sessions)
    if target is not user:
        _show(session, rendering, said, target.sessions)
    elif _takes(session, said):
        for out in rendering.lines_for(session):
            session.deliver(out)


def _rendering(session: Session, said: Said, target: str) -> Rendering:
    server, user = session.server, session.server.registered(session)
    tags = {"msgid": new_id(server.now()), **server.author_tags(user), **said.tags}
    return Rendering(Spoken(user.mask, said.command, target, said.text, tags, server.now(), cuts=said.cuts))


def _show(
    origin: Session, rendering: Rendering, said: Said, audience: Iterable[Session], channel_id: str | None = None
) -> None:
    author_id = origin.server.registered(origin).principal.id
    for other in origin.server.mutes.hearing(audience, channel_id, author_id):
        if _takes(other, said) and (other is not origin or origin.has("echo-message")):
            for out in rendering.lines_for(other):
                other.deliver(out, caused=other is origin)


def _takes(session: Session, said: Said) -> bool:
    return said.command != "TAGMSG" or session.has("message-tags")
