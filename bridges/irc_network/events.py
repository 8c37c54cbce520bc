"""Events: lines that mean something to a linked channel, made ready to be stored.

Who caused a line is decided when it comes, as nicks change hands: `own` marks what we did ourselves.
"""

import hashlib
import re
import time
from dataclasses import dataclass, replace
from typing import Any

from airchat.protocol.timestamps import from_iso
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import split_source
from bridges.irc_network.corrections import Corrections
from bridges.irc_network.network import is_channel
from bridges.irc_network.session import Session
from hub.relay.contract.bridge import RawEvent

_SPLIT = re.compile(r"[\w.*-]+\.[\w*-]+ [\w.*-]+\.[\w*-]+")
_ACTION = re.compile("\x01ACTION (.*?)\x01?", re.DOTALL)
_SECOND = 1_000_000
_FUTURE = 300 * _SECOND


@dataclass(frozen=True, slots=True)
class Said:
    """What all lines about a channel tell."""

    channel: str
    at: int
    nick: str
    account: str | None
    own: bool
    bot: bool = False


class Events:
    """Makes events of the lines of one session."""

    def __init__(self, session: Session, corrections: Corrections) -> None:
        self._session = session
        self._corrections = corrections

    def of(self, line: Line, *, past: bool = False) -> RawEvent | None:  # noqa: PLR0911 - one for each kind
        """Return what a line means, None if nothing to a channel; `past` is one of its history."""
        target = line.params[0] if line.params else ""
        if not is_channel(target):
            return None
        said = Said(
            self._session.fold(target),
            moment(line),
            split_source(line.source or "").nick,
            line.tags.get("account"),
            self._session.is_own(line),
            "bot" in line.tags or "draft/relaymsg" in line.tags,
        )
        match line.command:
            case "PRIVMSG" | "NOTICE" if len(line.params) > 1:
                return self._words(line, said)
            case "TAGMSG":
                return self._reaction(line, said)
            case "REDACT" if len(line.params) > 1:
                return _event(line, said, "delete", id=line.params[1])
            case "TOPIC" if len(line.params) > 1:
                return _event(line, said, "topic", text=line.params[1], **({"set_at": said.at} if past else {}))
            case "JOIN" | "PART" if not said.own:
                return _event(line, said, "member", joined=line.command == "JOIN")
            case "KICK" if len(line.params) > 1 and not self._session.is_us(line.params[1]):
                return self.left(line, line.params[1])
        return None

    def topic(self, line: Line, nick: str, channel: str, text: str, set_at: int) -> RawEvent:
        """Return that a channel was found to have a topic, which was set before."""
        said = Said(self._session.fold(channel), moment(line), nick, None, own=False)
        found = _event(line, said, "topic", text=text, found=True, set_at=set_at)
        return replace(found, key=f"topic:{set_at:020d}.{_digest(nick, said.channel, text)}")

    def left(self, line: Line, nick: str, channel: str | None = None) -> RawEvent:
        """Return that somebody is in a channel no more."""
        folded = self._session.fold(channel or line.params[0])
        said = Said(folded, moment(line), nick, None, self._session.is_us(nick))
        return _event(line, said, "member", joined=False)

    def _words(self, line: Line, said: Said) -> RawEvent | None:
        text = line.params[1]
        action = _ACTION.fullmatch(text)
        if text.startswith("\x01") and action is None:
            return None
        text = action[1] if action else text
        id = id_of(line)
        reply = line.tags.get("+reply") or line.tags.get("+draft/reply")
        bot = said.bot or line.command == "NOTICE"  # which is never to be answered by a program
        if not said.own:
            corrected = self._corrections.of(said.channel, who(said.nick, said.account), id, text, said.at)
            if corrected is not None:
                return _event(line, said, "edit", id=corrected.id, text=corrected.text)
        return _event(line, said, "message", id=id, text=text, action=action is not None, reply=reply, bot=bot)

    def _reaction(self, line: Line, said: Said) -> RawEvent | None:
        target = line.tags.get("+reply") or line.tags.get("+draft/reply")
        for names, added in ((("+react", "+draft/react"), True), (("+unreact", "+draft/unreact"), False)):
            emoji = next((line.tags[name] for name in names if line.tags.get(name)), None)
            if emoji and target:
                return _event(line, said, "react", id=target, emoji=emoji, added=added)
        return None


def is_split(line: Line) -> bool:
    """Tell whether somebody is gone because two servers lost each other, which is no news about them."""
    return _SPLIT.fullmatch(line.params[-1] if line.params else "") is not None


def who(nick: str, account: str | None) -> str:
    """Return what somebody's messages have in common, whatever their nick."""
    return account if account and account != "*" else f"nick:{nick.lower()}"


def id_of(line: Line) -> str:
    """Return the id of something said: the server's, or what makes it up."""
    nick = split_source(line.source or "").nick
    return line.tags.get("msgid") or f"{order_key(moment(line))}.{_digest(nick, line.params[-1])}"


def moment(line: Line) -> int:
    """Return when a line was said, in microseconds: as its server tells, if that is not in the future."""
    now = time.time_ns() // 1_000
    try:
        told = from_iso(line.tags["time"])
    except (KeyError, ValueError):
        return now
    return told if told < now + _FUTURE else now


def order_key(at: int) -> str:
    """Return what sorts by time."""
    return f"{at:020d}"


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def _event(line: Line, said: Said, kind: str, **detail: Any) -> RawEvent:
    msgid = line.tags.get("msgid")
    key = f"{kind}:{msgid}" if msgid else f"{kind}:{said.at:020d}.{_digest(line.command, said.nick, *line.params)}"
    payload = {"kind": kind, "at": said.at, "nick": said.nick, "account": said.account, "own": said.own}
    payload |= {"channel": said.channel, "bot": said.bot, **detail}
    return RawEvent(key, said.channel, order_key(said.at), payload)
