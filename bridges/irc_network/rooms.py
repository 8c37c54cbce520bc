"""Rooms: being in the channels that are linked, and coming back after being put out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import split_source
from bridges.irc_network.session import Session
from hub.relay.contract.errors import NotReady

_REFUSALS = frozenset({"403", "405", "437", "461", "471", "473", "474", "475", "476", "477", "489", "520"})
_MEANINGS = {
    "403": "there is no such channel; correct the link",
    "405": "we are in as many channels as the network allows; link fewer, or ask the network",
    "471": "it is full (+l); ask its operators",
    "473": "it is for those who are invited (+i); have its operators invite {nick}",
    "474": "we are banned there (+b); ask its operators",
    "475": "it wants a key (+k) that we do not have; write it into keys_file",
    "477": "it is for nicks that are logged in; set account and password",
    "489": "it is for connections over TLS; set tls",
}
_FIRST_SECONDS = 10.0
_MOST_SECONDS = 600.0


@dataclass(slots=True)
class Room:
    """A channel we want to be in. `members` are nicks, folded."""

    name: str
    joined: bool = False
    failures: int = 0
    retry_at: float = 0.0
    reason: str = ""


class Rooms:
    """The channels of one session."""

    def __init__(self, session: Session, keys: Mapping[str, str]) -> None:
        self._session = session
        self._keys = {session.fold(channel): key for channel, key in keys.items()}
        self._rooms: dict[str, Room] = {}
        self._members: dict[str, set[str]] = {}
        session.listeners.append(self._hear)

    async def enter(self, channel: str) -> Room:
        """Be in a channel.

        Raises:
            NotReady: it does not let us in now; the text says why.
            OutcomeUnknown: the connection broke.
        """
        room = self._rooms.setdefault(self._session.fold(channel), Room(channel))
        if room.joined:
            return room
        wait = room.retry_at - time.monotonic()
        if wait > 0:
            raise NotReady(f"{channel}: {room.reason}", wait)
        key = self._keys.get(self._session.fold(channel))
        params = [channel, *([key] if key else [])]
        answers = await self._session.ask("JOIN", *params, concerns=lambda line: _is_refusal(line, channel))
        refusal = next((line for line in answers if line.command in _REFUSALS), None)
        if self._is_in(room):
            return room
        self._out(room, self._why(refusal) if refusal else "the server does not let us in")
        raise NotReady(f"{channel}: {room.reason}", room.retry_at - time.monotonic())

    def missing(self) -> list[Room]:
        """Return the channels we are not in and may try again."""
        now = time.monotonic()
        return [room for room in self._rooms.values() if not room.joined and room.retry_at <= now]

    def lost(self, channel: str, reason: str) -> None:
        """Take note that we are not in a channel, as its server says."""
        room = self._rooms.get(self._session.fold(channel))
        if room is not None:
            self._out(room, reason)

    def joined(self) -> list[Room]:
        """Return the channels we are in."""
        return [room for room in self._rooms.values() if room.joined]

    def of(self, nick: str) -> list[str]:
        """Return the channels in which somebody is, as far as we have seen."""
        folded = self._session.fold(nick)
        return [self._rooms[it].name for it, here in self._members.items() if folded in here and it in self._rooms]

    def has(self, channel: str, nick: str) -> bool:
        """Tell whether somebody is in a channel, as far as we have seen; after a split of servers they still are."""
        return self._session.fold(nick) in self._members.get(self._session.fold(channel), ())

    def gone(self, nick: str) -> None:
        """Take note that somebody left the network."""
        for here in self._members.values():
            here.discard(self._session.fold(nick))

    def _why(self, refusal: Line) -> str:
        """Return why we are not let in, and what helps."""
        meaning = _MEANINGS.get(refusal.command)
        said = refusal.params[-1]
        return f"{meaning.format(nick=self._session.nick)} ({said})" if meaning else said

    def _is_in(self, room: Room) -> bool:
        """Tell whether we are in a channel, of which lines tell while we wait."""
        return room.joined

    def _out(self, room: Room, reason: str) -> None:
        room.joined = False
        room.reason = reason
        room.retry_at = time.monotonic() + min(_MOST_SECONDS, _FIRST_SECONDS * 2.0**room.failures)
        room.failures += 1

    def _hear(self, line: Line) -> None:
        fold, nick = self._session.fold, split_source(line.source or "").nick
        match line.command, line.params:
            case "JOIN", (channel, *_):
                self._members.setdefault(fold(channel), set()).add(fold(nick))
                if self._session.is_us(nick) and (room := self._rooms.get(fold(channel))):
                    room.joined, room.failures, room.retry_at = True, 0, 0.0
            case ("PART", (channel, *_)) | ("KICK", (channel, _, *_)):
                who = line.params[1] if line.command == "KICK" else nick
                self._members.get(fold(channel), set()).discard(fold(who))
                if self._session.is_us(who):
                    self._members.pop(fold(channel), None)
                    reason = line.params[-1] if len(line.params) > 2 else "put out"
                    self.lost(channel, f"we were put out ({reason})")
            case "353", (*_, channel, names):
                here = {fold(split_source(it.lstrip("~&@%+!*")).nick) for it in names.split()}
                self._members.setdefault(fold(channel), set()).update(here)
            case "NICK", (after, *_):
                for here in self._members.values():
                    if fold(nick) in here:
                        here.discard(fold(nick))
                        here.add(fold(after))


def _is_refusal(line: Line, channel: str) -> bool:
    return line.command in _REFUSALS and channel in line.params
