"""Names on IRC: nicks, channels and users, and how channels are called in the hub.

Letters are compared as ASCII has them (`CASEMAPPING=ascii`).
"""

import hashlib
import re
import string
from collections.abc import Mapping
from typing import Any, NamedTuple

from airchat.protocol.names import is_name, sanitize

NICK_LIMIT = 32
"""Characters of a nick that somebody chooses; principals' names may be longer."""

CHANNEL_LIMIT = 101
"""Bytes of a channel's name with its `#`: the hub's longest name fits."""

USER_LIMIT = 18
"""Characters of a user name."""

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,31}")
_CHANNEL = re.compile(r"#[^\0-\x20,\x7f]+")
_NOT_USER = re.compile(r"[^A-Za-z0-9._~-]")


class Source(NamedTuple):
    """Who a line is from; a part that is not given is empty."""

    nick: str
    user: str
    host: str


def casefold(text: str) -> str:
    """Return `text` with ASCII's capital letters made small and nothing else changed."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def is_free_nick(text: str) -> bool:
    """Tell whether `text` has the form of a nick that anybody may choose: no digit or hyphen in front, no dots."""
    return _NICK.fullmatch(text) is not None


def is_nick(text: str) -> bool:
    """Tell whether `text` can be somebody's nick: one that is chosen, or the name of a principal of the hub."""
    return _NICK.fullmatch(text) is not None or is_name(casefold(text))


def is_channel(text: str) -> bool:
    """Tell whether `text` can name a channel: `#` and at least one character, no blank, comma or control character."""
    if _CHANNEL.fullmatch(text) is None:
        return False
    return len(text) <= CHANNEL_LIMIT if text.isascii() else len(text.encode(errors="replace")) <= CHANNEL_LIMIT


def hub_channel_name(channel: str) -> str:
    """Return how the hub calls the IRC channel `channel`.

    Without `#` and with small letters where that is a name of the hub's; else made one, with eight digits of a hash
    that tell apart what looks alike then. Two spellings of one channel on IRC always have one name.
    """
    folded = casefold(channel)
    name = folded[1:]
    if is_name(name):
        return name
    digest = hashlib.sha256(folded.encode(errors="replace")).hexdigest()[:8]
    return f"{sanitize(name)[:91].rstrip('-') or 'channel'}-{digest}"


def irc_channel_name(hub_name: str, metadata: Mapping[str, Any]) -> str:
    """Return what IRC calls a channel of the hub: the spelling its metadata keeps, while that leads to its name."""
    kept = metadata.get("irc_name")
    if isinstance(kept, str) and is_channel(kept) and hub_channel_name(kept) == hub_name:
        return kept
    return f"#{hub_name}"


def user_name(text: str) -> str:
    """Return `text` as a user name: without what may not stand in one, cut to its limit, `user` if nothing is left."""
    return _NOT_USER.sub("", text)[:USER_LIMIT] or "user"


def split_source(text: str) -> Source:
    """Return the parts of `nick!user@host`, `nick!user`, `nick@host` or `nick`."""
    rest, _, host = text.partition("@")
    nick, _, user = rest.partition("!")
    return Source(nick, user, host)
