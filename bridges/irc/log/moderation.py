"""How clients see that a channel's modes, its members' roles or its name changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from airchat.protocol.channels import LISTS, ROLES
from airchat.protocol.events import Event, EventKind
from bridges.irc.joining import show_join
from bridges.irc.log.happenings import one_line, source_of, told
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines, modes
from bridges.irc.wire.masks import Mask
from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # the server owns its rooms
    from bridges.irc.presence.rooms import Room
    from bridges.irc.server import IrcServer

RENAME = "draft/channel-rename"

_LINE_BYTES = 400


def follow(server: IrcServer) -> None:
    """Let the server's feed show these changes."""
    server.feed.handle(EventKind.CHANNEL_MODES_CHANGED, partial(_show_modes, server))
    server.feed.handle(EventKind.CHANNEL_RENAMED, partial(_show_rename, server))


def mode_lines(server: IrcServer, name: str, event: Event, row: dict[str, Any]) -> list[Outgoing]:
    """Return what MODE says of a change of modes: one line, unless it is longer than lines may be."""
    source = source_of(server, server.users.of(event.actor_id or ""))
    changes = (_change(server, *one) for one in row["changes"])
    return [told(server, event, lines.text("MODE", name, *words, source=source)) for words in _words(changes)]


def past_modes(server: IrcServer, target: str, event: Event, row: dict[str, Any]) -> Outgoing | None:
    """Return what history tells of a change of modes: its first line, nearly always its only one."""
    return next(iter(mode_lines(server, target, event, row)), None)


def mask_text(mode: str, pattern: str) -> str:
    """Return how IRC writes a mask of one of the hub's lists."""
    return str(Mask(pattern, mode == "mute"))


def _change(server: IrcServer, add: bool, mode: str, value: str | None, shown: str | None) -> modes.Change:  # noqa: FBT001 - as the log has it
    letter = modes.LETTERS[mode]
    if mode in ROLES:
        user = server.users.of(value or "")
        return modes.Change(add, letter, user.nick if user is not None else shown)
    if mode in LISTS:
        return modes.Change(add, letter, mask_text(mode, value or ""))
    if mode == "key":
        return modes.Change(add, letter, "*")
    return modes.Change(add, letter, value)


def _words(changes: Iterable[modes.Change]) -> Iterator[tuple[str, ...]]:
    """Yield the parameters of as few lines as hold the changes."""
    row: list[modes.Change] = []
    size = 0
    for change in changes:
        needed = 3 + len((change.value or "").encode())
        if row and size + needed > _LINE_BYTES:
            yield modes.format(row)
            row, size = [], 0
        row.append(change)
        size += needed
    if row:
        yield modes.format(row)


def _show_modes(server: IrcServer, event: Event, row: dict[str, Any]) -> None:
    room = _current(server, event)
    if room is None:
        return
    for _, mode, value, _ in row["changes"]:
        if mode in ROLES and value in room.members:
            room.enter(value, server.hub.directory.roles(room.channel.id, value))
    cause = server.cause_of(EventKind.CHANNEL_MODES_CHANGED, event.actor_id, event.channel_id)
    for out in mode_lines(server, room.name, event, row):
        server.feed.show(room, out, cause)


def _show_rename(server: IrcServer, event: Event, row: dict[str, Any]) -> None:
    """Show the new name: as such to whoever knows RENAME, else as leaving the one and coming into the other."""
    known = server.rooms.of(event.channel_id)
    before = known.name if known is not None else ""
    room = _current(server, event)
    if room is None or room.name == before:
        return
    reason = one_line(row.get("reason") or "")
    source = source_of(server, server.users.of(event.actor_id or ""))
    renamed = told(server, event, lines.text("RENAME", before, room.name, reason, source=source))
    cause = server.cause_of(EventKind.CHANNEL_RENAMED, event.actor_id, event.channel_id)
    for session in room.audience():
        if session.has(RENAME):
            session.deliver(renamed, caused=session is cause)
        elif session.user is not None and casefold(before) != casefold(room.name):
            text = lines.text("PART", before, reason or f"Now {room.name}", source=session.user.mask)
            session.deliver(Outgoing(text, at=event.created_at), caused=session is cause)
            show_join(session, room, caused=session is cause)


def _current(server: IrcServer, event: Event) -> Room | None:
    """Return the room of the event, with its channel as it is now."""
    channel = server.hub.directory.channel(event.channel_id or "")
    return None if channel is None or channel.direct else server.rooms.put(channel)
