"""LIST: which channels there are.

https://modern.ircdocs.horse/#elist-parameter
"""

import re
from collections.abc import Callable

from airchat.protocol.masks import matches
from airchat.protocol.timestamps import MINUTE
from bridges.irc.commands.table import command
from bridges.irc.joining import with_text
from bridges.irc.presence.rooms import Room
from bridges.irc.session import Session
from bridges.irc.speech.pace import wait_for_reader
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import casefold

_CONDITIONS = 20
_BOUND = re.compile(r"([CT]?)([<>])(\d{1,9})", re.IGNORECASE | re.ASCII)

_Condition = Callable[[Room, int], bool]


@command("LIST")
async def list_(session: Session, line: Line) -> None:
    """List the channels that meet all conditions and, if names or masks are given, one of these."""
    server, user = session.server, session.server.registered(session)
    words = [word for word in (line.params[0] if line.params else "").split(",") if word][:_CONDITIONS]
    conditions = [condition for word in words if (condition := _condition(word)) is not None]
    masks = [word for word in words if _condition(word) is None]
    now = server.now()
    session.reply(n.RPL_LISTSTART, "Channel", "Users  Name")
    for room in server.rooms.all():
        if not server.rules.listed(room, user) or not _wanted(room, masks):
            continue
        if server.hub.channels.is_orphaned(room.channel):  # as good as gone
            continue
        if all(condition(room, now) for condition in conditions):
            shown = room.channel.topic if server.rules.shows_members(room, user) else None
            topic = " ".join((shown or "").splitlines())
            session.send(with_text(session, n.RPL_LIST, room.name, str(_count(room)), topic))
            await wait_for_reader(session)
    session.reply(n.RPL_LISTEND, "End of /LIST")


def _wanted(room: Room, masks: list[str]) -> bool:
    """Tell whether one of the masks fits; archived channels do not show without any."""
    if not masks:
        return not room.channel.archived
    return any(matches(mask, room.name) or casefold(mask) == casefold(room.name) for mask in masks)


def _condition(word: str) -> _Condition | None:
    """Return what a word asks of a channel; None when it is the name or mask of some."""
    if word.startswith("!"):
        return lambda room, _: not matches(word[1:], room.name)
    found = _BOUND.fullmatch(word)
    if found is None:
        return None
    value, more = int(found[3]), found[2] == ">"
    match found[1].upper():
        case "C":
            return lambda room, now: _beyond(now - room.channel.created_at, value * MINUTE, more=more)
        case "T":
            return lambda room, now: (
                room.channel.topic_at is not None and _beyond(now - room.channel.topic_at, value * MINUTE, more=more)
            )
        case _:
            return lambda room, _: _beyond(_count(room), value, more=more)


def _beyond(number: int, bound: int, *, more: bool) -> bool:
    return number > bound if more else number < bound


def _count(room: Room) -> int:
    return sum(1 for _ in room.users())
