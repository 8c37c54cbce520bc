"""Saying something: PRIVMSG, NOTICE and TAGMSG, to channels and to people."""

from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.ids import is_id, new_id
from bridges.irc.commands.table import command
from bridges.irc.passing import pass_to, pass_to_user
from bridges.irc.rooms import PREFIXES, Room
from bridges.irc.session import Session
from bridges.irc.users import User
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import BODY_LIMIT, Line
from bridges.irc.wire.tags import client_only

TARGETS = 20
"""How many targets one command may name."""

_SIGNS = {sign: role for role, sign in PREFIXES.items()}
_REPLY_TAGS = ("+reply", "+draft/reply")
_CTCP = "\x01"
_REACTIONS = {"+draft/react": True, "+react": True, "+draft/unreact": False, "+unreact": False}
_KEPT_TAGS = frozenset({*_REACTIONS, "+draft/persist"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a client says: the command, its text, and the client-only tags that go with it."""

    command: str
    text: str
    tags: dict[str, str]

    @property
    def reply_to(self) -> str | None:
        """Return the id of the message this answers, as far as the client says."""
        found = next((self.tags[name] for name in _REPLY_TAGS if name in self.tags), None)
        return found if is_id(found) else None

    @property
    def ctcp(self) -> str | None:
        """Return the CTCP command that the text is, None when it is plain text."""
        if not self.text.startswith(_CTCP):
            return None
        return self.text.strip(_CTCP).partition(" ")[0].upper()


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
        for target in _targets(line.params[0]):
            await send(session, target, Said("TAGMSG", "", client_only(line.tags)))


async def _say(session: Session, line: Line, name: str) -> None:
    if not line.params or not line.params[0]:
        session.reply(n.ERR_NORECIPIENT, f"No recipient given ({name})")
        return
    text = line.params[1] if len(line.params) > 1 else ""
    if not text:
        session.reply(n.ERR_NOTEXTTOSEND, "No text to send")
        return
    said = Said(name, text, client_only(line.tags) if session.has("message-tags") else {})
    targets = _targets(line.params[0])
    if len(targets) > TARGETS:
        session.reply(n.ERR_TOOMANYTARGETS, targets[TARGETS], "Too many targets")
        return
    for target in targets:
        if _too_long(session, target, said):
            session.reply(n.ERR_INPUTTOOLONG, "Input line was too long")
        else:
            await send(session, target, said)


def _too_long(session: Session, target: str, said: Said) -> bool:
    """Tell whether the line would not fit with its author in front; nothing of it is sent then, rather than a part."""
    if session.aircd:
        return False
    return len(f":{session.server.registered(session).mask} {said.command} {target} :{said.text}".encode()) > BODY_LIMIT


def _targets(names: str) -> list[str]:
    return list(dict.fromkeys(name for name in names.split(",") if name))


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
    if await server.service(session, target, said):
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
    if status is not None or not _kept(said):
        pass_to(session, said, target, _listeners(room, user, status))
        return
    await _store(session, user, said, room=room)
    server.rules.spoke(room, user)


async def _to_user(session: Session, target: User, said: Said) -> None:
    server, user = session.server, session.server.registered(session)
    refusal = server.rules.why_not_message(target, user)
    if refusal is not None:
        _refuse(session, said, refusal[0], target.nick, refusal[1])
        return
    if _kept(said):
        await _store(session, user, said, target=target)
    else:
        pass_to_user(session, said, target)
    if said.command == "PRIVMSG" and target.away_text is not None and target is not user:
        session.reply(n.RPL_AWAY, target.nick, target.away_text)
    if "R" in user.modes:
        user.accept(target)


def _kept(said: Said) -> bool:
    """Tell whether the hub keeps this: texts and actions, and tags that are meant to stay."""
    if said.command == "TAGMSG":
        return not _KEPT_TAGS.isdisjoint(said.tags)
    return said.ctcp in (None, "ACTION")


def _listeners(room: Room, user: User, status: str | None) -> list[Session]:
    """Return the sessions in the channel; of the user and members with at least that role alone when one is given."""
    if status is None:
        return list(room.audience())
    users = (one for one in room.users() if one is user or _at_least(room, one, status))
    return [session for one in users for session in one.sessions]


def _at_least(room: Room, user: User, role: str) -> bool:
    ranks = list(PREFIXES)
    return any(ranks.index(mine) <= ranks.index(role) for mine in room.roles(user))


async def _store(
    session: Session, user: User, said: Said, *, room: Room | None = None, target: User | None = None
) -> None:
    """Post to the hub; who hears of it hears it from the log."""
    server, hub = session.server, session.server.hub
    if said.command == "TAGMSG":
        await _store_tags(session, user, said, room=room, target=target)
        return
    message_id = new_id(server.now())
    parent_id = await _parent(session, said, room)
    extra = server.message_details(user, said)
    display = user.nick if user.nick != user.principal.name else None
    with server.causing(("message", message_id), session):
        try:
            if room is not None:
                await hub.messages.post(
                    user.principal,
                    room.channel.name,
                    _plain(said),
                    parent_id=parent_id,
                    door=extra,
                    author_display=display,
                    message_id=message_id,
                    source=user.mask,
                )
            elif target is not None:
                await hub.messages.direct(
                    user.principal,
                    target.principal.name,
                    _plain(said),
                    door=extra,
                    author_display=display,
                    message_id=message_id,
                )
        except InvalidInput as error:
            session.fail(said.command, "INVALID_PARAMS", text=str(error))
        except (Conflict, Forbidden, NotFound) as error:
            name = room.name if room is not None else target.nick if target is not None else "*"
            _refuse(session, said, n.ERR_CANNOTSENDTOCHAN if room else n.ERR_NOSUCHNICK, name, str(error))


async def _store_tags(
    session: Session, user: User, said: Said, *, room: Room | None = None, target: User | None = None
) -> None:
    """Keep tags in the log: as a reaction when they are one to a message of the hub."""
    hub = session.server.hub
    if room is not None:
        channel = room.channel
    elif target is not None:
        channel = await hub.channels.direct_between(user.principal, target.principal)
    else:
        return
    name = next((name for name in _REACTIONS if name in said.tags), None)
    if name is not None and said.reply_to is not None and await _is_here(session, said.reply_to, channel):
        adds = _REACTIONS[name]
        kind = EventKind.REACTION_ADDED if adds else EventKind.REACTION_REMOVED
        react = hub.reactions.add if adds else hub.reactions.remove
        with session.server.causing((kind, user.principal.id, channel.id), session):
            await react(user.principal, said.reply_to, said.tags[name])
        return
    details = session.server.message_details(user, Said("TAGMSG", "", {})) or {}
    with session.server.causing((EventKind.MESSAGE_TAGGED, user.principal.id, channel.id), session):
        await hub.tags.post(user.principal, channel, said.tags, details)


async def _is_here(session: Session, message_id: str, channel: Channel) -> bool:
    try:
        place = await session.server.hub.history.locate(session.server.registered(session).principal, message_id)
    except NotFound:
        return False
    return place.channel.id == channel.id


async def _parent(session: Session, said: Said, room: Room | None) -> str | None:
    """Return the message that this answers, if it is one of this channel."""
    if said.reply_to is None or room is None:
        return None
    return said.reply_to if await _is_here(session, said.reply_to, room.channel) else None


def _plain(said: Said) -> str:
    """Return the text as the hub keeps it: an action without its CTCP dress."""
    if said.ctcp == "ACTION":
        return said.text.strip(_CTCP).partition(" ")[2] or " "
    return said.text
