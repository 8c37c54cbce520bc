"""What the words of a question mean: channels and people, and how lines of an answer show them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airchat.protocol.errors import InvalidInput
from airchat.protocol.timestamps import SECOND
from bridges.irc.log.past import target_name
from bridges.irc.wire.split import first

if TYPE_CHECKING:  # only looked at
    from airchat.protocol.channels import Channel
    from bridges.irc.presence.rooms import Room
    from bridges.irc.presence.users import User
    from bridges.irc.service.table import Question

_QUOTED_BYTES = 240
_COLOUR = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?")
"""https://modern.ircdocs.horse/formatting"""


def room_of(question: Question, field: str, text: str) -> Room:
    """Return the channel whose messages the asker may read.

    Raises:
        InvalidInput: there is none of that name, naming the field.
    """
    if not text.startswith("#"):
        raise InvalidInput(f'{field}: "{text}" is no channel; channels begin with #, as in #general')
    room = question.server.visible_room(question.session, text)
    if room is None or not question.hub.directory.readable(question.actor, room.channel):
        raise InvalidInput(f"{field}: there is no channel {text} that you may read")
    return room


def user_of(question: Question, field: str, text: str) -> User:
    """Return the person or agent of that nick or account, here or not.

    Raises:
        InvalidInput: there is none, naming the field.
    """
    user = question.server.users.by_nick(text)
    if user is None:
        raise InvalidInput(f'{field}: nobody is called "{text}"')
    return user


def channel_name(question: Question, channel: Channel) -> str:
    """Return what the asker calls a channel: a direct one is called by the other one's nick."""
    return target_name(question.session, channel)


def nick_of(question: Question, principal_id: str | None) -> str:
    """Return somebody's nick, `?` when the hub does not know them any more."""
    user = question.server.users.of(principal_id or "")
    return user.nick if user is not None else "?"


def quoted(text: str, limit: int = _QUOTED_BYTES) -> str:
    """Return what somebody else wrote, in one line without formatting or control characters, cut to `limit` bytes."""
    plain = " ".join("".join(_plain(character) for character in _COLOUR.sub("", text)).split())
    return plain if len(plain.encode(errors="replace")) <= limit else f"{first(plain, limit)}…"


def _plain(character: str) -> str:
    return " " if unicodedata.category(character).startswith("C") and character != "\u200d" else character


def moment(at: int) -> str:
    """Return a time in microseconds to the minute, in UTC."""
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%d %H:%M")


def counted(count: int, noun: str) -> str:
    """Return a number of things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def span(micros: int) -> str:
    """Return a length of time in its largest unit."""
    seconds = max(0, micros // SECOND)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
