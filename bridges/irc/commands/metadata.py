"""METADATA: reading, setting and following short texts about people and channels.

https://ircv3.net/specs/extensions/metadata
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from bridges.irc.commands.table import command
from bridges.irc.log.metadata import VALUE_BYTES, WANTED_KEYS, shown_value, speaks
from bridges.irc.session import Session
from bridges.irc.wire import numerics as n
from hub.core.metadata import METADATA_KEYS, check

if TYPE_CHECKING:  # only named
    from bridges.irc.wire.lines import Line
    from hub.core.metadata import Subject

_KEYS_PER_LINE = 5


@dataclass(frozen=True, slots=True)
class _Target:
    """Whom or what a command is about, by the name clients know, and whether this client may read its values."""

    name: str
    subject: Subject
    readable: bool


@command("METADATA", 2, early=True)
async def metadata(session: Session, line: Line) -> None:
    """Read, set and follow short texts about people and channels: `METADATA target GET|LIST|SET|CLEAR|SUB|...`."""
    word, name, rest = line.params[1].upper(), line.params[0], line.params[2:]
    if not speaks(session):
        numeric = n.ERR_UNKNOWNCOMMAND if session.user is not None else n.ERR_NOTREGISTERED
        session.reply(numeric, *(["METADATA"] if session.user is not None else []), "You did not ask for metadata")
    elif word in _FOLLOWING:
        await _FOLLOWING[word](session, rest)
    elif word not in _ABOUT:
        session.fail("METADATA", "SUBCOMMAND_INVALID", word or "*", text="There is no such subcommand")
    elif word in ("GET", "SET") and not rest:
        session.reply(n.ERR_NEEDMOREPARAMS, "METADATA", "Not enough parameters")
    elif session.user is None:
        _set_early(session, name, word, rest)
    else:
        target = _find(session, name)
        if target is None:
            session.fail("METADATA", "INVALID_TARGET", name or "*", text="There is nobody and nothing of that name")
        else:
            await _ABOUT[word](session, target, rest)


def _find(session: Session, name: str) -> _Target | None:
    """Return the target of that name; the values of a channel are for its members and for operators."""
    server, user = session.server, session.server.registered(session)
    if name.startswith("#"):
        room = server.visible_room(session, name)
        if room is None or not server.rules.listed(room, user):
            return None
        return _Target(room.name, room.channel, room.has(user) or user.operator)
    target = user if name == "*" else server.users.by_nick(name)
    return _Target(target.nick, target.principal, readable=True) if target is not None else None


def _set_early(session: Session, name: str, word: str, rest: tuple[str, ...]) -> None:
    """Take a value of the client's own before it is registered; it is kept when it is."""
    values = session.metadata_values
    if name != "*" or word != "SET":
        session.reply(n.ERR_NOTREGISTERED, "You have not registered")
        return
    key, value = rest[0], rest[1] if len(rest) > 1 else None
    if not _acceptable(session, key, value):
        return
    if value is None:
        values.pop(key, None)
        session.reply(n.RPL_KEYNOTSET, "*", key, "key not set")
    elif key not in values and len(values) >= METADATA_KEYS:
        session.fail("METADATA", "LIMIT_REACHED", "*", text=f"At most {METADATA_KEYS} keys can be kept")
    else:
        values[key] = value
        session.reply(n.RPL_KEYVALUE, "*", key, "*", value)


def _acceptable(session: Session, key: str, value: str | None) -> bool:
    """Tell whether there can be such a key and value; if not, the client was told."""
    try:
        check(key, value)
    except InvalidInput as error:
        code = "KEY_INVALID" if error.field == "key" else "INVALID_VALUE"
        session.fail("METADATA", code, key or "*", text=str(error))
        return False
    if value is not None and len(value.encode()) > VALUE_BYTES:
        session.fail("METADATA", "INVALID_VALUE", key, text=f"A value has at most {VALUE_BYTES} bytes")
        return False
    return True


def _forbidden(session: Session, target: _Target, key: str) -> None:
    session.fail("METADATA", "KEY_NO_PERMISSION", target.name, key, text="You may not do that")


# About one target


async def _get(session: Session, target: _Target, rest: tuple[str, ...]) -> None:
    if not target.readable:
        _forbidden(session, target, rest[0] or "*")
        return
    values = await _values(session, target)
    with session.batch("metadata", target.name) as batch:
        for key in rest:
            if key in values:
                batch.reply(n.RPL_KEYVALUE, target.name, key, "*", shown_value(values[key]))
            elif _acceptable(session, key, None):
                batch.reply(n.RPL_KEYNOTSET, target.name, key, "key not set")


async def _list(session: Session, target: _Target, _: tuple[str, ...]) -> None:
    if not target.readable:
        _forbidden(session, target, "*")
        return
    values = await _values(session, target)
    with session.batch("metadata", target.name) as batch:
        for key, value in values.items():
            batch.reply(n.RPL_KEYVALUE, target.name, key, "*", shown_value(value))


async def _values(session: Session, target: _Target) -> dict[str, str]:
    return await session.server.hub.metadata.get(session.server.registered(session).principal, target.subject)


async def _set(session: Session, target: _Target, rest: tuple[str, ...]) -> None:
    server, actor = session.server, session.server.registered(session).principal
    key, value = rest[0], rest[1] if len(rest) > 1 else None
    if not _acceptable(session, key, value):
        return
    try:
        async with server.causing((EventKind.METADATA_CHANGED, target.subject.id), session):
            changed = await server.hub.metadata.set(actor, target.subject, key, value)
    except (Forbidden, NotFound):
        _forbidden(session, target, key)
    except Conflict as error:
        session.fail("METADATA", "LIMIT_REACHED", target.name, text=str(error))
    else:
        if value is not None:
            session.reply(n.RPL_KEYVALUE, target.name, key, "*", value)
        elif changed:
            session.reply(n.RPL_KEYNOTSET, target.name, key, "key not set")
        else:
            session.fail("METADATA", "KEY_NOT_SET", target.name, key, text="key not set")


async def _clear(session: Session, target: _Target, _: tuple[str, ...]) -> None:
    server, actor = session.server, session.server.registered(session).principal
    try:
        async with server.causing((EventKind.METADATA_CHANGED, target.subject.id), session):
            keys = await server.hub.metadata.clear(actor, target.subject)
    except (Forbidden, NotFound):
        _forbidden(session, target, "*")
        return
    with session.batch("metadata", target.name) as batch:
        for key in keys:
            batch.reply(n.RPL_KEYNOTSET, target.name, key, "key not set")


async def _sync(session: Session, target: _Target, _: tuple[str, ...]) -> None:
    """Send again what the client follows: of one person, or of a channel and everybody in it."""
    if not target.readable:
        _forbidden(session, target, "*")
        return
    view = session.server.metadata
    room = session.server.rooms.of(target.subject.id) if isinstance(target.subject, Channel) else None
    subjects = view.subjects(session, room) if room is not None else [target.subject]
    await view.sync(session, target.name, subjects, set(session.metadata_keys), always=True)


# What the client follows


async def _subscribe(session: Session, keys: tuple[str, ...]) -> None:
    added = []
    for key in dict.fromkeys(keys):
        if not _acceptable(session, key, None):
            continue
        if key not in session.metadata_keys and len(session.metadata_keys) >= WANTED_KEYS:
            session.fail("METADATA", "TOO_MANY_SUBS", key, text=f"At most {WANTED_KEYS} keys can be followed")
            break
        session.metadata_keys[key] = None
        added.append(key)
    _name_keys(session, n.RPL_METADATASUBOK, added)
    if session.user is not None:
        await session.server.metadata.catch_up(session, added)


async def _unsubscribe(session: Session, keys: tuple[str, ...]) -> None:
    valid = [key for key in dict.fromkeys(keys) if _acceptable(session, key, None)]
    for key in valid:
        session.metadata_keys.pop(key, None)
    _name_keys(session, n.RPL_METADATAUNSUBOK, valid)


async def _subscriptions(session: Session, _: tuple[str, ...]) -> None:
    with session.batch("metadata-subs") as batch:
        for row in _rows(list(session.metadata_keys)):
            batch.reply(n.RPL_METADATASUBS, *row)


def _name_keys(session: Session, numeric: str, keys: list[str]) -> None:
    for row in _rows(keys):
        session.reply(numeric, *row)


def _rows(keys: list[str]) -> list[list[str]]:
    """Return the keys in rows, each of which fits into a line."""
    return [keys[start : start + _KEYS_PER_LINE] for start in range(0, len(keys), _KEYS_PER_LINE)]


_ABOUT: dict[str, Callable[[Session, _Target, tuple[str, ...]], Awaitable[None]]] = {
    "GET": _get,
    "LIST": _list,
    "SET": _set,
    "CLEAR": _clear,
    "SYNC": _sync,
}
_FOLLOWING: dict[str, Callable[[Session, tuple[str, ...]], Awaitable[None]]] = {
    "SUB": _subscribe,
    "UNSUB": _unsubscribe,
    "SUBS": _subscriptions,
}
