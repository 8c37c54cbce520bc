"""CHATHISTORY: pages of the past at a client's request.

https://ircv3.net/specs/extensions/chathistory
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.timestamps import MILLISECOND
from bridges.irc import services
from bridges.irc.commands.table import command
from bridges.irc.log.evidence import Named
from bridges.irc.log.happenings import PLAYED_BACK, event_seq
from bridges.irc.log.past import PORTION, entry_lines, portions, target_name
from bridges.irc.log.targets import channel_of
from bridges.irc.outgoing import Outgoing
from bridges.irc.session import Session
from bridges.irc.support import HISTORY_LIMIT
from bridges.irc.wire import lines
from bridges.irc.wire.lines import Line
from bridges.irc.wire.timestamps import format_time, parse_time
from hub.core.history import Entry

_REFERENCES = {"LATEST": 1, "BEFORE": 1, "AFTER": 1, "AROUND": 1, "BETWEEN": 2}
_END = {"draft/chathistory-end": ""}
_NEEDED = {
    EventKind.MESSAGE_DELETED: "draft/message-redaction",
    EventKind.MESSAGE_TAGGED: "message-tags",
    EventKind.REACTION_ADDED: "message-tags",
    EventKind.REACTION_REMOVED: "message-tags",
}
"""Capabilities without which a client is shown nothing of such events."""


class _BadReference(Exception):
    """A reference is no message id or timestamp that can be used."""


@dataclass(frozen=True, slots=True)
class _Point:
    """A place in the log (`seq`), a moment (`at`, in microseconds), or both: those of a message.

    A moment that a client names stands for its whole millisecond: `width`.
    """

    seq: int | None = None
    at: int | None = None
    width: int = MILLISECOND

    def after(self) -> dict[str, int | None]:
        """Return the bounds of what comes after it."""
        if self.seq is not None:
            return {"after": self.seq}
        return {"since": None if self.at is None else self.at + self.width}

    def before(self) -> dict[str, int | None]:
        """Return the bounds of what comes before it."""
        return {"before": self.seq} if self.seq is not None else {"until": self.at}

    def moment(self) -> "_Point":
        """Return the point by its time alone, if it is known."""
        return self if self.at is None else replace(self, seq=None)

    def earlier_than(self, other: "_Point") -> bool:
        """Tell which of two of one kind comes first; of others the first is taken to."""
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
    if len(rest) != count + 2:
        text = "Not enough parameters" if len(rest) < count + 2 else "Too many parameters"
        session.fail("CHATHISTORY", "INVALID_PARAMS", subcommand, text=text)
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
    entries, ended = await _entries(session, channel, subcommand, points, limit)
    room = session.server.rooms.of(channel.id)
    with session.batch("chathistory", room.name if room else rest[0], tags=_END if ended else {}) as batch:
        batch.send_all([out for entry in entries for out in entry_lines(session, channel, entry)])
    had = _had(subcommand, points)
    if had is not None:
        await session.server.replays.shown(session, channel, Named(had.seq, had.at))


def _channel(session: Session, target: str) -> Channel | None:
    """Return the channel that a target means: one the user is in, or the direct one with somebody.

    What is said to a service is not kept: there is never anything.
    """
    found = channel_of(session, target)
    if found is not None or target.startswith("#"):
        return found
    known = session.server.users.by_nick(target) is not None or services.by_nick(target) is not None
    return _NOTHING_YET if known else None


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
    return _Point(place.seq, place.created_at, width=1)


async def _entries(
    session: Session, channel: Channel, subcommand: str, points: list[_Point], limit: int
) -> tuple[list[Entry], bool]:
    """Return a page, and whether there is nothing more beyond its far end; very long messages make it shorter."""
    history, actor = session.server.hub.history, session.server.registered(session).principal
    kinds = _kinds(session)

    async def page(limit: int, bounds: dict[str, int | None], *, newest: bool) -> list[Entry]:
        if channel is _NOTHING_YET:
            return []
        found = await history.page(actor, channel, limit, kinds=kinds, newest=newest, **bounds)
        told = (
            session.server.hub.bus.head
        )  # what another hub wrote just now comes by itself, after what it wrote before
        return [entry for entry in found if entry.seq <= told]

    if subcommand == "AROUND":
        return next(portions(await _around(page, points[0], limit), 2 * PORTION), []), False
    bounds, newest = _bounds(subcommand, points)
    found = await page(limit + 1, bounds, newest=newest)
    if newest:
        found.reverse()
    shown = next(portions(found[:limit], 2 * PORTION), [])
    return (shown[::-1] if newest else shown), len(shown) == len(found)


def _kinds(session: Session) -> list[EventKind]:
    """Return which events, beside messages, the client can show: any other would make its pages look short."""
    if not session.has("draft/event-playback"):
        return []
    return [kind for kind in PLAYED_BACK if (needed := _NEEDED.get(kind)) is None or session.has(needed)]


_Page = Callable[..., Awaitable[list[Entry]]]


def _bounds(subcommand: str, points: list[_Point]) -> tuple[dict[str, int | None], bool]:
    """Return between what the page is, and whether it is the newest of that."""
    first = points[0]
    if subcommand == "LATEST":
        return first.after(), True
    if subcommand == "BEFORE":
        return first.before(), True
    if subcommand == "AFTER":
        return first.after(), False
    if len({point.seq is None for point in points}) > 1:  # the store pages by place or by time, not by both
        points = [point.moment() for point in points]
    forward = points[0].earlier_than(points[1])
    start, end = points if forward else reversed(points)
    return start.after() | end.before(), not forward


def _had(subcommand: str, points: list[_Point]) -> _Point | None:
    """Return the point up to which the client says to have everything: it asks for what comes after it."""
    forward = subcommand in ("LATEST", "AFTER") or (subcommand == "BETWEEN" and points[0].earlier_than(points[1]))
    return points[0] if forward else None


async def _around(page: _Page, point: _Point, limit: int) -> list[Entry]:
    """Return about half of the entries before the point, the point itself, and the rest after it."""
    earlier = await page(limit // 2, point.before(), newest=True) if limit > 1 else []
    at = {"after": point.seq - 1} if point.seq is not None else {"since": point.at}
    return [*earlier, *await page(limit - len(earlier), at, newest=False)]


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
    found = await session.server.hub.history.targets(actor, since + MILLISECOND, until, limit + 1)
    with session.batch("draft/chathistory-targets", tags=_END if len(found) <= limit else {}) as batch:
        for channel, at in found[:limit]:
            text = lines.text(
                "CHATHISTORY", "TARGETS", target_name(session, channel), format_time(at), source=session.server_name
            )
            batch.send(Outgoing(text))
