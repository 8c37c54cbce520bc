"""WHO, with the fields of WHOX.

https://modern.ircdocs.horse/#who-message, https://ircv3.net/specs/extensions/whox
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from airchat.protocol.masks import matches
from airchat.protocol.timestamps import SECOND
from bridges.irc import services
from bridges.irc.commands.table import command
from bridges.irc.presence.rooms import Room
from bridges.irc.presence.users import HUB_HOST, User
from bridges.irc.services import Service
from bridges.irc.session import Session
from bridges.irc.speech.pace import wait_for_reader
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line

_FIELDS = "tcuihsnfdlaor"
_MOST = 1000
"""How many users one answer lists at most when it is asked for by a mask."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a client wants to know: fields of WHOX with their token, or None for a plain answer.

    `flags` say what a mask has to fit (all of it without any), and with `o`, that operators alone are meant.
    """

    fields: str | None
    token: str
    flags: str

    @property
    def operators(self) -> bool:
        """Whether operators alone are meant."""
        return "o" in self.flags


@command("WHO")
async def who(session: Session, line: Line) -> None:
    """List the members of a channel, somebody by their nick, or everybody whom a mask means."""
    server, viewer = session.server, session.server.registered(session)
    mask = line.params[0] if line.params and line.params[0] else "*"
    question = _question(line.params[1] if len(line.params) > 1 else "")
    if mask.startswith("#"):
        room = server.visible_room(session, mask)
        found = _members(session, room) if room is not None and server.rules.shows_members(room, viewer) else iter(())
    else:
        room = None
        user, service = server.users.by_nick(mask), services.by_nick(mask)
        found = iter([user]) if user is not None else islice(_meant(session, mask, question.flags), _MOST)
        if service is not None:
            _answer_for(session, question, service)
    for user in found:
        if user.operator or not question.operators:
            _answer(session, question, room, user)
            await wait_for_reader(session)
    session.reply(n.RPL_ENDOFWHO, mask, "End of WHO list")


def _question(text: str) -> _Question:
    flags, percent, rest = text.partition("%")
    fields, _, token = rest.partition(",")
    token = token if token.isascii() and token.isdigit() and len(token) <= 3 else "0"
    return _Question(fields if percent else None, token, flags)


def _members(session: Session, room: Room) -> Iterator[User]:
    """Yield the channel's members as far as the client may see them."""
    viewer = session.server.registered(session)
    member = room.has(viewer)
    for user in room.users():
        if room.shows(viewer, user) and (member or (user.sessions and "i" not in user.modes)):
            yield user


def _meant(session: Session, mask: str, flags: str) -> Iterator[User]:
    """Yield whoever is here and meant by the mask; whoever is invisible only to those who share a channel."""
    server, viewer = session.server, session.server.registered(session)
    mask = "*" if mask == "0" else mask
    own = server.rooms.with_user(viewer)
    for user in server.users.online():
        texts = {"n": user.nick, "u": user.username, "h": user.host, "r": user.realname, "a": user.account or ""}
        texts["s"] = server.config.server_name
        asked = [texts[flag] for flag in flags if flag in texts]
        if not any(matches(mask, text) for text in asked or texts.values()):
            continue
        hidden = "i" in user.modes and user is not viewer and not viewer.operator
        if not hidden or any(room.has(user) and room.shows(viewer, user) for room in own):
            yield user


def _answer(session: Session, question: _Question, room: Room | None, user: User) -> None:
    idle = (session.server.now() - user.idle_since) // SECOND if user.sessions else 0
    values = {
        "c": room.name if room is not None else "*",
        "u": user.username,
        "h": user.host,
        "n": user.nick,
        "f": _flags(session, room, user),
        "l": str(idle),
        "a": user.account or "0",
        "r": user.realname,
    }
    _tell(session, question, values)


def _answer_for(session: Session, question: _Question, service: Service) -> None:
    """Show one of the server's own services, which is always here."""
    values = {"c": "*", "u": service.username, "h": HUB_HOST, "n": service.nick, "f": "HB", "l": "0", "a": "0"}
    _tell(session, question, values | {"r": service.realname})


def _tell(session: Session, question: _Question, values: dict[str, str]) -> None:
    """Send one row; whatever is the same for everybody, or not told, is filled in."""
    known = {"t": question.token, "i": "255.255.255.255", "s": session.server.config.server_name, "d": "0", "o": "n/a"}
    known |= values
    if question.fields is None:
        session.reply(n.RPL_WHOREPLY, *(known[field] for field in "cuhsnf"), f"0 {known['r']}")
    else:
        session.reply(n.RPL_WHOSPCRPL, *(known[field] for field in _FIELDS if field in question.fields))


def _flags(session: Session, room: Room | None, user: User) -> str:
    """Return whether the user is away, an operator and a bot, and their signs in the channel."""
    flags = "H" if user.away_text is None else "G"
    flags += "*" if user.operator else ""
    flags += "B" if user.bot else ""
    return flags + (room.prefixes(user, all_of_them=session.has("multi-prefix")) if room is not None else "")
