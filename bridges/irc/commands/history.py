"""CHATHISTORY: pages of the past at a client's request.

https://ircv3.net/specs/extensions/chathistory
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.timestamps import MILLISECOND
from bridges.irc.commands.table import command
from bridges.irc.happenings import PLAYED_BACK, event_seq
from bridges.irc.outgoing import Outgoing
from bridges.irc.past import entry_lines, target_name
from bridges.irc.session import Session
from bridges.irc.support import HISTORY_LIMIT
from bridges.irc.wire import lines
from bridges.irc.wire.lines import Line
from bridges.irc.wire.timestamps import format_time, parse_time
from hub.core.direct import direct_name
from hub.core.history import Entry

_REFERENCES = {"LATEST": 1, "BEFORE": 1, "AFTER": 1, "AROUND": 1, "BETWEEN": 2}
_END = {"draft/chathistory-end": ""}


class _BadReference(Exception):
    """A reference is no message id or timestamp that can be used."""


@dataclass(frozen=True, slots=True)
class _Point:
    """A place in the log (`seq`), or a moment (`at`, in microseconds, to the millisecond)."""

    seq: int | None = None
    at: int | None = None

    def after(self) -> dict[str, int | None]:
        """Return the bounds of what comes after it."""
        return {"after": self.seq, "since": None if self.at is None else self.at + MILLISECOND}

    def before(self) -> dict[str, int | None]:
        """Return the bounds of what comes before it."""
        return {"before": self.seq, "until": self.at}

    def earlier_than(self, other: "_Point") -> bool:
        """Tell which of two comes first; both are of one kind, or else the first is taken to."""
        if self.seq is not None and other.seq is not None:
            return self.seq <= other.seq
        if self.at is not None and other.at is not None:
            return self.at <= other.at
        return True


@command("CHATHISTORY", 1)
async def chathistory(session: Session, line: Line) -> None:
    """Answer a request for the past."""
    subcommand, rest = line.params[0].upper(), line.params[1:]
    if subcommand == "TARGETS":
        await _targets(session, rest)
        return
    if subcommand not in _REFERENCES:
        session.fail("CHATHISTORY", "INVALID_PARAMS", line.params[0], text="Unknown subcommand")
        return
    count = _REFERENCES[subcommand]
    if len(rest) < count + 2:
        session.fail("CHATHISTORY", "INVALID_PARAMS", subcommand, text="Not enough parameters")
        return
    channel = _channel(session, rest[0])
    if channel is None:
        session.fail("CHATHISTORY", "INVALID_TARGET", subcommand, rest[0], text="There is nothing you may read")
        return
    try:
        limit = _limit(rest[count + 1])
        points = [await _point(session, channel, text, subcommand) for text in rest[1 : count + 1]]
    except _BadReference as error:
        session.fail("CHATHISTORY", "INVALID_PARAMS", subcommand, text=str(error))
        return
    entries = await _entries(session, channel, subcommand, points, limit)
    _send(session, channel, entries, ended=len(entries) < limit and subcommand != "AROUND")


def _channel(session: Session, name: str) -> Channel | None:
    """Return the channel that a target means: one the user is in, or the direct one with somebody."""
    server, user = session.server, session.server.registered(session)
    room = server.rooms.by_name(name)
    if room is not None:
        return room.channel if room.has(user) else None
    if name.startswith("#"):
        return None
    other = server.users.by_nick(name)
    if other is None:
        return None
    found = server.hub.directory.channel_by_name(direct_name([user.principal.id, other.principal.id]))
    return found or _NOTHING_YET


_NOTHING_YET = Channel("", "", type=None, created_at=0)  # type: ignore[arg-type]
"""Stands for a conversation that nobody has begun."""


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise _BadReference("The limit must be a positive number")
    return min(int(text), HISTORY_LIMIT)


async def _point(session: Session, channel: Channel, text: str, subcommand: str) -> _Point:
    kind, _, value = text.partition("=")
    if text == "*" and subcommand == "LATEST":
        return _Point()
    if kind == "timestamp":
        try:
            return _Point(at=parse_time(value) // MILLISECOND * MILLISECOND)
        except ValueError:
            raise _BadReference("A timestamp is written as 2026-01-31T08:15:00.000Z") from None
    if kind != "msgid":
        raise _BadReference("A reference is msgid=… or timestamp=…")
    seq = event_seq(value)
    if seq is not None:
        return _Point(seq=seq)
    try:
        place = await session.server.hub.history.locate(session.server.registered(session).principal, value)
    except NotFound:
        raise _BadReference("There is no such message") from None
    if place.channel.id != channel.id:
        raise _BadReference("There is no such message here")
    return _Point(seq=place.seq)


async def _entries(
    session: Session, channel: Channel, subcommand: str, points: list[_Point], limit: int
) -> list[Entry]:
    history, actor = session.server.hub.history, session.server.registered(session).principal
    kinds = PLAYED_BACK if session.has("draft/event-playback") else ()
    first = points[0]

    async def page(limit: int, bounds: dict[str, int | None], *, newest: bool) -> list[Entry]:
        if channel is _NOTHING_YET:
            return []
        return await history.page(actor, channel, limit, kinds=kinds, newest=newest, **bounds)

    if subcommand == "LATEST":
        return await page(limit, first.after(), newest=True)
    if subcommand == "BEFORE":
        return await page(limit, first.before(), newest=True)
    if subcommand == "AFTER":
        return await page(limit, first.after(), newest=False)
    if subcommand == "BETWEEN":
        forward = first.earlier_than(points[1])
        start, end = points if forward else (points[1], first)
        return await page(limit, start.after() | end.before(), newest=not forward)
    return await _around(page, first, limit)


_Page = Callable[..., Awaitable[list[Entry]]]


async def _around(page: _Page, point: _Point, limit: int) -> list[Entry]:
    """Return about half of the entries before the point, the point itself, and the rest after it."""
    earlier = await page(limit // 2, point.before(), newest=True) if limit > 1 else []
    at = {"after": point.seq - 1} if point.seq is not None else {"since": point.at}
    return [*earlier, *await page(limit - len(earlier), at, newest=False)]


def _send(session: Session, channel: Channel, entries: list[Entry], *, ended: bool) -> None:
    target = target_name(session, channel)
    with session.batch("chathistory", target, tags=_END if ended else {}) as batch:
        for entry in entries:
            for out in entry_lines(session, channel, entry):
                batch.send(out)


async def _targets(session: Session, params: tuple[str, ...]) -> None:
    """Tell where something was said between two moments."""
    try:
        first = await _point(session, _NOTHING_YET, params[0], "TARGETS")
        second = await _point(session, _NOTHING_YET, params[1], "TARGETS")
        limit = _limit(params[2])
    except (_BadReference, IndexError) as error:
        session.fail("CHATHISTORY", "INVALID_PARAMS", "TARGETS", text=str(error) or "Two timestamps and a limit")
        return
    if first.at is None or second.at is None:
        session.fail("CHATHISTORY", "INVALID_PARAMS", "TARGETS", text="Two timestamps are needed")
        return
    since, until = sorted((first.at, second.at))
    actor = session.server.registered(session).principal
    found = await session.server.hub.history.targets(actor, since + MILLISECOND, until, limit)
    with session.batch("draft/chathistory-targets") as batch:
        for channel, at in found:
            text = lines.text(
                "CHATHISTORY", "TARGETS", target_name(session, channel), format_time(at), source=session.server_name
            )
            batch.send(Outgoing(text))
