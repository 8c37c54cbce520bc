"""Commands: what people ask of the hub on IRC, by speaking to it: `airchat: status`, or in private.

Only who is logged in to the network is answered, for a nick alone can be anybody's.
"""

import asyncio
import logging
import time

from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import split_source
from bridges.irc_network.decoding import read, user_of
from bridges.irc_network.network import is_channel
from bridges.irc_network.session import Session
from hub.relay.contract.desk import Command, Desk, Place, Reply
from hub.relay.contract.errors import BridgeError
from hub.relay.markup import Nobody, parse_commonmark, render_irc

_WAITING = 5
_TOLD_SECONDS = 60.0
_TOLD_AT_MOST = 100
_LINES = 12
_LINE_LENGTH = 100

_log = logging.getLogger(__name__)


class Commands:
    """Answers over one session, one question at a time; of too many at once the rest is passed over."""

    def __init__(self, session: Session, platform: str) -> None:
        self._session = session
        self._platform = platform
        self._told: dict[str, float] = {}
        self._waiting: asyncio.Queue[tuple[Line, str, str]] = asyncio.Queue(_WAITING)
        session.listeners.append(self._hear)

    async def run(self, desk: Desk) -> None:
        """Answer for ever."""
        while True:
            line, channel, text = await self._waiting.get()
            try:
                await self._answer(desk, line, channel, text)
            except BridgeError as error:
                _log.info("a command on %s was not answered: %s", self._platform, error)

    def _hear(self, line: Line) -> None:
        if line.command != "PRIVMSG" or len(line.params) < 2 or self._session.is_own(line):
            return
        target, text = line.params[0], line.params[1].strip()
        if self._session.is_us(target):
            asked = "" if text.startswith("\x01") else text
        elif is_channel(target):
            nick, _, rest = text.partition(" ")
            asked = rest if nick[-1:] in {":", ","} and self._session.is_us(nick[:-1]) else ""
        else:
            return
        if asked and not self._waiting.full():
            self._waiting.put_nowait((line, self._session.fold(target) if is_channel(target) else "", asked))

    async def _answer(self, desk: Desk, line: Line, channel: str, text: str) -> None:
        nick, account = split_source(line.source or "").nick, line.tags.get("account")
        if not account or account == "*":
            if not self._is_to_be_told(nick):
                return
            reply = Reply("Log in to the network's services first: only then is it certain who asks.")
        else:
            place = Place(self._platform, self._session.name, channel)
            reply = await desk.command(Command(user_of(nick, account), place, read(text)))
        target = channel if reply.public and channel else nick
        lines = render_irc(parse_commonmark(reply.text), Nobody()).split("\n")
        shown = lines if len(lines) <= _LINES else [*lines[: _LINES - 1], f"… {len(lines) - _LINES + 1} more lines"]
        for shown_line in shown:
            await self._session.tell("NOTICE", target, _cut(shown_line))

    def _is_to_be_told(self, nick: str) -> bool:
        """Tell whether somebody was not told lately that they have to log in."""
        now = time.monotonic()
        if now - self._told.get(nick, float("-inf")) < _TOLD_SECONDS or len(self._told) >= _TOLD_AT_MOST:
            self._told = {it: at for it, at in self._told.items() if now - at < _TOLD_SECONDS}
            return False
        self._told[nick] = now
        return True


def _cut(line: str) -> str:
    data = line.encode()
    return line if len(data) <= 4 * _LINE_LENGTH else data[: 4 * _LINE_LENGTH].decode(errors="ignore") + "…"
