"""What a client sees of a channel that it is in now: the JOIN, its topic and its members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.timestamps import SECOND
from bridges.irc.log.markers import show_marker
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.split import first

if TYPE_CHECKING:  # sessions and rooms are only looked at
    from bridges.irc.presence.rooms import Room
    from bridges.irc.session import Session

_NAMES_BYTES = 400


def show_join(session: Session, room: Room, *, caused: bool = True) -> None:
    """Tell one session that its user is in the channel, as if they had just joined."""
    user = session.server.registered(session)
    params = (user.account or "*", user.realname) if session.has("extended-join") else ()
    session.deliver(
        Outgoing(lines.text("JOIN", room.name, *params, source=user.mask), at=session.server.now()), caused=caused
    )
    show_names(session, room, caused=caused)


def show_names(session: Session, room: Room, *, caused: bool) -> None:
    """Send topic and members after a JOIN, to who wants them."""
    if session.aircd:
        return
    for out in topic_lines(session, room):
        session.deliver(out, caused=caused)
    show_marker(session, room, caused=caused)
    if not session.has("no-implicit-names"):
        for out in names_lines(session, room):
            session.deliver(out, caused=caused)


def topic_lines(session: Session, room: Room) -> list[Outgoing]:
    """Return the numerics for the channel's topic; nothing when there is none."""
    channel = room.channel
    if not channel.topic:
        return []
    lines_ = [with_text(session, n.RPL_TOPIC, room.name, " ".join(channel.topic.splitlines()))]
    if channel.topic_by is not None and channel.topic_at is not None:
        at = str(channel.topic_at // SECOND)
        lines_.append(_numeric(session, n.RPL_TOPICWHOTIME, room.name, channel.topic_by, at))
    return lines_


def names_lines(session: Session, room: Room) -> list[Outgoing]:
    """Return the numerics that list the channel's members, as far as this client may see them, and their end."""
    return [*members_lines(session, room), names_end(session, room.name)]


def names_end(session: Session, names: str) -> Outgoing:
    """Return the numeric that ends lists of members."""
    return _numeric(session, n.RPL_ENDOFNAMES, names, "End of /NAMES list")


def members_lines(session: Session, room: Room) -> list[Outgoing]:
    """Return the numerics that list the channel's members, as far as this client may see them."""
    viewer = session.server.registered(session)
    member = room.has(viewer)
    sign = "@" if room.modes.get("secret") else "="
    rows: list[str] = [""]
    for user in room.users():
        if (not member and ("i" in user.modes or not user.sessions)) or not room.shows(viewer, user):
            continue
        word = room.prefixes(user, all_of_them=session.has("multi-prefix"))
        word += user.mask if session.has("userhost-in-names") else user.nick
        if rows[-1] and len(rows[-1]) + len(word) >= _NAMES_BYTES:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".lstrip()
    return [_numeric(session, n.RPL_NAMREPLY, sign, room.name, row) for row in rows if row]


def with_text(session: Session, numeric: str, *params: str) -> Outgoing:
    """Return a numeric that ends in a text, of which other doors take more than fits: its beginning."""
    out = _numeric(session, numeric, *params)
    return Outgoing(first(out.body, lines.BODY_LIMIT), at=out.at)


def _numeric(session: Session, numeric: str, *params: str) -> Outgoing:
    text = lines.text(numeric, session.nick, *params, source=session.server_name)
    return Outgoing(text, at=session.server.now())
