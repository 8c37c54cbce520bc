"""Saying something: PRIVMSG, NOTICE and TAGMSG, to channels and to people."""

from collections.abc import Coroutine
from typing import Any

from airchat.protocol.errors import Conflict, Forbidden, NotFound
from bridges.irc import services
from bridges.irc.commands.table import command
from bridges.irc.presence.rooms import PREFIXES, Room
from bridges.irc.presence.users import User
from bridges.irc.service import answers
from bridges.irc.session import Session
from bridges.irc.speech.orders import obey
from bridges.irc.speech.pace import wait_for_exchange, wait_for_turn
from bridges.irc.speech.passing import pass_to, pass_to_user
from bridges.irc.speech.said import Said
from bridges.irc.speech.storing import post, post_tags
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import BODY_LIMIT, Line
from bridges.irc.wire.tags import client_only

TARGETS = 20
"""How many targets one command may name."""

_SAYINGS = frozenset({"PRIVMSG", "NOTICE"})
_SIGNS = {sign: role for role, sign in PREFIXES.items()}


@command("PRIVMSG")
async def privmsg(session: Session, line: Line) -> None:
    """Say something."""
    await _say(session, line, "PRIVMSG")


@command("NOTICE")
async def notice(session: Session, line: Line) -> None:
    """Say something that no program may answer."""
    await _say(session, line, "NOTICE")


@command("TAGMSG")
async def tagmsg(session: Session, line: Line) -> None:
    """Send tags without a text, such as a reaction or that somebody is typing."""
    if not session.has("message-tags"):
        session.reply(n.ERR_UNKNOWNCOMMAND, "TAGMSG", "Unknown command")
    elif not line.params:
        session.reply(n.ERR_NEEDMOREPARAMS, "TAGMSG", "Not enough parameters")
    else:
        for target in _targets(session, line.params[0]):
            await send(session, target, Said("TAGMSG", "", client_only(line.tags)))


def ahead(session: Session, line: Line) -> Coroutine[Any, Any, None] | None:
    """Return what posts a line beside those that are still on their way; None when the line has to wait for them.

    What need not wait are plain words to one channel, with nothing against them and nobody mentioned: they reach the
    hub in the order in which they begin.
    """
    if line.command not in _SAYINGS or line.tags or len(line.params) != 2 or not line.params[0].startswith("#"):
        return None
    target, text = line.params
    if "@" in text or text.startswith("\x01") or not text.strip() or "," in target:
        return None
    server, user = session.server, session.server.registered(session)
    room = server.visible_room(session, target)
    said = Said(line.command, text, {})
    if room is None or not room.has(user) or _too_long(session, target, said):
        return None
    if user.bot and room.exchange.delay(user.principal.id):
        return None
    if server.rules.why_not_speak(room, user, said) is not None or server.rules.only_moderators_hear(room, user):
        return None
    return _store(session, said, room)


async def _say(session: Session, line: Line, name: str) -> None:
    if not line.params or not line.params[0]:
        session.reply(n.ERR_NORECIPIENT, f"No recipient given ({name})")
        return
    text = line.params[1] if len(line.params) > 1 else ""
    if not text.strip():
        session.reply(n.ERR_NOTEXTTOSEND, "No text to send")
        return
    said = Said(name, text, client_only(line.tags) if session.has("message-tags") else {})
    for number, target in enumerate(_targets(session, line.params[0])):
        if number:
            await wait_for_turn(session)
        if _too_long(session, target, said):
            session.reply(n.ERR_INPUTTOOLONG, "Input line was too long")
        else:
            await send(session, target, said)


def _too_long(session: Session, target: str, said: Said) -> bool:
    """Tell whether the line would not fit with its author in front; nothing of it is sent then, rather than a part."""
    if session.aircd:
        return False
    return len(f":{session.server.registered(session).mask} {said.command} {target} :{said.text}".encode()) > BODY_LIMIT


def _targets(session: Session, names: str) -> list[str]:
    """Return the targets, each once; none when they are too many."""
    found = list(dict.fromkeys(name for name in names.split(",") if name))
    if len(found) <= TARGETS:
        return found
    session.reply(n.ERR_TOOMANYTARGETS, found[TARGETS], "Too many targets")
    return []


async def send(session: Session, target: str, said: Said) -> None:
    """Send what a client says to one target."""
    server = session.server
    status = _SIGNS.get(target[0]) if target[1:2] == "#" else None
    if target.startswith("#") or status:
        room = server.visible_room(session, target[1:] if status else target)
        if room is None:
            _refuse(session, said, n.ERR_NOSUCHCHANNEL, target, "No such channel")
        else:
            await _to_room(session, room, said, target, status)
        return
    if await services.answer(session, target, said):
        return
    user = server.users.by_nick(target)
    if user is None:
        _refuse(session, said, n.ERR_NOSUCHNICK, target, "No such nick")
    else:
        await _to_user(session, user, said)


def _refuse(session: Session, said: Said, numeric: str, *params: str) -> None:
    """Answer with an error, but never to a NOTICE."""
    if said.command != "NOTICE":
        session.reply(numeric, *params)


async def _to_room(session: Session, room: Room, said: Said, target: str, status: str | None) -> None:
    server, user = session.server, session.server.registered(session)
    refusal = server.rules.why_not_speak(room, user, said)
    if refusal is not None:
        _refuse(session, said, n.ERR_CANNOTSENDTOCHAN, room.name, refusal)
        return
    if status is None and server.rules.only_moderators_hear(room, user):
        status = "halfop"
    if status is not None or not said.kept:
        pass_to(session, said, target, room, _listeners(room, user, status))
        return
    await wait_for_exchange(session, room)
    await _store(session, said, room)


async def _to_user(session: Session, target: User, said: Said) -> None:
    server, user = session.server, session.server.registered(session)
    refusal = server.rules.why_not_message(target, user)
    if refusal is not None:
        _refuse(session, said, refusal[0], target.nick, refusal[1])
        return
    if said.kept:
        await _store(session, said, target)
    else:
        pass_to_user(session, said, target)
    if said.command == "PRIVMSG" and target.away_text is not None and target is not user:
        session.reply(n.RPL_AWAY, target.nick, target.away_text)
    if "R" in user.modes:
        user.accept(target)


def _listeners(room: Room, user: User, status: str | None) -> list[Session]:
    """Return the sessions in the channel; of the user and members with at least that role alone when one is given."""
    if status is None:
        return list(room.audience())
    users = (one for one in room.users() if one is user or _at_least(room, one, status))
    return [session for one in users for session in one.sessions]


def _at_least(room: Room, user: User, role: str) -> bool:
    ranks = list(PREFIXES)
    return any(ranks.index(mine) <= ranks.index(role) for mine in room.roles(user))


async def _store(session: Session, said: Said, place: Room | User) -> None:
    """Give it to the hub, and obey when it is an order; a refusal is told like that of a place that is not there."""
    try:
        redacted = await (post_tags if said.command == "TAGMSG" else post)(session, said, place)
    except (Conflict, Forbidden, NotFound) as error:
        if isinstance(place, Room):
            _refuse(session, said, n.ERR_CANNOTSENDTOCHAN, place.name, str(error))
        else:
            _refuse(session, said, n.ERR_NOSUCHNICK, place.nick, str(error))
        return
    if redacted:
        answers.tell(session, f"What looks like a secret was taken out of your message: {', '.join(redacted)}")
    if (told := await obey(session, said, place)) is not None:
        answers.tell(session, told)
