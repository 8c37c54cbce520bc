"""Frames of the event stream: an event is encoded once, whoever gets it, and a chunk that many get is joined once."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Role
from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import to_iso
from airchat.protocol.trust import trust_of
from hub.core.directory import Directory
from hub.core.events import QUOTING

_CACHED_BYTES = 8 * 1024 * 1024
_SHARED = 16


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the log a subscriber wants: of everything, these kinds, this channel, direct conversations alone."""

    kinds: frozenset[EventKind] | None = None
    channel_id: str | None = None
    direct_only: bool = False


class Frames:
    """Turns events into frames, and keeps the newest of them, and the newest chunks."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._frames: OrderedDict[int, tuple[Event, bytes]] = OrderedDict()
        self._size = 0
        self._shared: OrderedDict[tuple[Selection, tuple[int, ...]], tuple[Sequence[Event], bytes]] = OrderedDict()

    def of(self, event: Event) -> bytes:
        """Return the event's frame: `id`, `event` and one line of `data`."""
        kept = self._frames.get(event.seq)
        if kept is not None and kept[0] is event:  # not one whose text was erased since
            return kept[1]
        frame = self._encode(event)
        if kept is not None:
            self._size -= len(kept[1])
        self._frames[event.seq] = event, frame
        self._size += len(frame)
        while self._size > _CACHED_BYTES:
            self._size -= len(self._frames.popitem(last=False)[1][1])
        return frame

    def wanted(self, selection: Selection, viewer_id: str, events: Sequence[Event]) -> list[Event]:
        """Return those of the events that were selected and that the viewer may see."""
        may_see = self._directory.may_see_event
        return [event for event in events if self._is_selected(selection, event) and may_see(viewer_id, event)]

    def shared(self, selection: Selection, viewer_id: str, events: Sequence[Event]) -> bytes | None:
        """Return the frames of what was selected of the events, for viewers who get the same as most others.

        None when it depends on the viewer. Those who follow the log live ask for the same events at the same time.
        """
        viewer = self._directory.principal(viewer_id)
        if viewer is None or viewer.role is Role.GUEST:
            return None
        key = selection, tuple(map(id, events))  # as long as the events are kept, nothing else has their ids
        kept = self._shared.get(key)
        if kept is not None:
            return kept[1]
        chosen = [event for event in events if self._is_selected(selection, event)]
        if not all(map(self._is_open, chosen)):
            return None
        chunk = b"".join(map(self.of, chosen))
        self._shared[key] = events, chunk
        if len(self._shared) > _SHARED:
            self._shared.popitem(last=False)
        return chunk

    def unshare(self, _events: Sequence[Event]) -> None:
        """Let no more than before be seen by everybody: a channel has changed."""
        self._shared.clear()

    def _is_open(self, event: Event) -> bool:
        """Tell whether everybody but guests may see the event."""
        if event.recipient_id is not None:
            return False
        channel = self._directory.channel(event.channel_id) if event.channel_id else None
        return event.channel_id is None or (channel is not None and not channel.private)

    def _is_selected(self, selection: Selection, event: Event) -> bool:
        if selection.kinds is not None and event.kind not in selection.kinds:
            return False
        if selection.channel_id is not None and event.channel_id != selection.channel_id:
            return False
        if not selection.direct_only:
            return True
        channel = self._directory.channel(event.channel_id) if event.channel_id else None
        return channel is not None and channel.direct

    def _encode(self, event: Event) -> bytes:
        actor = self._directory.principal(event.actor_id) if event.actor_id else None
        channel = self._directory.channel(event.channel_id) if event.channel_id else None
        head = {
            "seq": event.seq,
            "kind": event.kind.value,
            "at": to_iso(event.created_at),
            "actor": actor.name if actor else None,
            "actor_id": event.actor_id,
            "channel": shown_name(channel) if channel else None,
            "channel_id": event.channel_id,
            "subject_id": event.subject_id,
        }
        fields = orjson.dumps(head)[:-1].decode()
        return f'id: {event.seq}\nevent: {event.kind.value}\ndata: {fields},"data":{self._data(event)}}}\n\n'.encode()

    def _data(self, event: Event) -> str:
        """Return what the event carries; a message's row with how far its author can be trusted, as everywhere."""
        if event.kind not in QUOTING:
            return event.data or "{}"
        row = orjson.loads(event.data)
        author, origin = self._directory.principal(row["author_agent_id"]), row["origin"]
        kind, bot = (author.kind, author.bot) if author else (None, False)
        trust = trust_of(kind, origin["platform"], verified=origin["verified"], bot=bot)
        return f'{{"trust":"{trust.value}",{event.data[1:]}'
