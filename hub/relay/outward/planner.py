"""Planner: follows the log and queues, for every link of an event's channel, what has to be shown there.

The queue and the planner's place in the log move in one transaction, and an event is queued once for each link however
often it is planned: so each has its effect once.
"""

import json
from collections.abc import Mapping
from typing import Any

from airchat.protocol.events import Event, EventKind
from airchat.protocol.timestamps import from_iso, to_iso
from hub.core.edits import FINISHED
from hub.core.events import EventBus
from hub.relay.inward.marks import came_over
from hub.relay.links import Links
from hub.relay.mutes import Mutes
from hub.relay.outward.channel import ARCHIVED
from hub.relay.outward.errand import BUTTONS
from hub.relay.outward.lanes import Lanes
from hub.relay.rules import Mirrored, rules_of
from store.ports.queues import Outgoing, OutgoingKind
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit

_BATCH = 500
_SAVE_EVERY = 1_000
_KINDS = {
    EventKind.MESSAGE_CREATED: OutgoingKind.MESSAGE,
    EventKind.MESSAGE_EDITED: OutgoingKind.CHANGE,
    EventKind.MESSAGE_DELETED: OutgoingKind.CHANGE,
    EventKind.REACTION_ADDED: OutgoingKind.REACTION,
    EventKind.REACTION_REMOVED: OutgoingKind.REACTION,
    EventKind.CHANNEL_CHANGED: OutgoingKind.TOPIC,
    EventKind.CHANNEL_ARCHIVED: OutgoingKind.TOPIC,
    EventKind.CHANNEL_UNARCHIVED: OutgoingKind.TOPIC,
    EventKind.MEMBER_JOINED: OutgoingKind.MEMBER,
    EventKind.MEMBER_LEFT: OutgoingKind.MEMBER,
    EventKind.APPROVAL_ANSWERED: OutgoingKind.CHANGE,
    EventKind.APPROVAL_EXPIRED: OutgoingKind.CHANGE,
}
_NEEDED = {
    EventKind.MESSAGE_EDITED: Mirrored.EDITS,
    EventKind.MESSAGE_DELETED: Mirrored.DELETES,
    EventKind.REACTION_ADDED: Mirrored.REACTIONS,
    EventKind.REACTION_REMOVED: Mirrored.REACTIONS,
    EventKind.CHANNEL_CHANGED: Mirrored.TOPIC,
    EventKind.MEMBER_JOINED: Mirrored.JOINS,
    EventKind.MEMBER_LEFT: Mirrored.JOINS,
}


_TASKS = frozenset(
    {
        EventKind.TASK_CLAIMED,
        EventKind.TASK_RELEASED,
        EventKind.TASK_LAPSED,
        EventKind.TASK_COMPLETED,
        EventKind.TASK_CANCELLED,
    }
)
"""What becomes of tasks: the buttons below the message that offered one come and go with it."""
_LOOKED_THROUGH = 10

_ENDED = frozenset({EventKind.APPROVAL_ANSWERED, EventKind.APPROVAL_EXPIRED})

_MUTABLE = frozenset({EventKind.MESSAGE_CREATED, EventKind.MESSAGE_EDITED, EventKind.REACTION_ADDED})
"""What is not shown of somebody who is muted; what was shown before can be taken back."""


class Planner:
    """The relay's cursor over the log."""

    def __init__(self, store: Store, bus: EventBus, links: Links, lanes: Lanes, mutes: Mutes) -> None:
        self._store = store
        self._bus = bus
        self._links = links
        self._lanes = lanes
        self._mutes = mutes

    async def run(self) -> None:
        """Plan for ever. The cursor is saved with what is queued, else now and then: the rest can be seen twice."""
        async with self._store.read() as unit:
            saved = await unit.queues.cursor()
        async for events in self._bus.cursor(saved, _BATCH):
            outgoing = [one for event in events for one in self._outgoing(event)]
            outgoing += [one for event in events if event.kind in _TASKS for one in await self._offers(event)]
            if outgoing or events[-1].seq - saved >= _SAVE_EVERY:
                saved = events[-1].seq
                await self._plan(outgoing, saved)

    async def _plan(self, outgoing: list[Outgoing], cursor: int) -> None:
        async def work(unit: Unit) -> None:
            await unit.queues.plan(outgoing, cursor)

        await self._store.write(work)
        for link_id in {one.link_id for one in outgoing}:
            self._lanes.wake(link_id)

    def _outgoing(self, event: Event) -> list[Outgoing]:
        kind = _KINDS.get(event.kind)
        if kind is None or event.channel_id is None:
            return []
        links = self._links.of_channel(event.channel_id)
        if not links:
            return []
        row: dict[str, Any] = json.loads(event.data)
        if event.kind is EventKind.CHANNEL_CHANGED and row["topic_at"] not in {None, to_iso(event.created_at)}:
            return []  # something else of the channel than its topic
        return [
            Outgoing(link.id, event.seq, kind, _subject(event, row), event.created_at, _detail(event, row))
            for link in links
            if self._carries(link, event, finishes=FINISHED in row)
            and not _echo(event, row, link)
            and not self._muted(event, row, link)
        ]

    async def _offers(self, event: Event) -> list[Outgoing]:
        """Return what an event about a task means for the message that offered it, written when the task was made."""
        links = [link for link in self._links.of_channel(event.channel_id or "") if self._carries(link, event)]
        if not links or event.channel_id is None:
            return []
        made_at = from_iso(json.loads(event.data)["created_at"])
        async with self._store.read() as unit:
            page = await unit.messages.page(event.channel_id, _LOOKED_THROUGH, before=made_at + 1)
        offer = next((it for it in page if it.metadata.get("task_id") == event.subject_id), None)
        if offer is None:
            return []
        kind, detail = OutgoingKind.CHANGE, {BUTTONS: True}
        return [Outgoing(link.id, event.seq, kind, offer.id, event.created_at, detail) for link in links]

    def _muted(self, event: Event, row: Mapping[str, Any], link: Link) -> bool:
        metadata = row.get("metadata") or {}
        return event.kind in _MUTABLE and self._mutes.keeps(link, event.actor_id, metadata)

    def _carries(self, link: Link, event: Event, *, finishes: bool = False) -> bool:
        """Tell whether the link carries this event out: nothing from before the link existed is mirrored.

        One that finishes a message always goes out: where edits are not shown, the message has waited for it.
        """
        if link.direction == "in" or event.created_at < link.created_at or not self._links.public(link):
            return False
        needed = _NEEDED.get(event.kind)
        return needed is None or finishes or needed in rules_of(link).mirror


def _echo(event: Event, row: Mapping[str, Any], link: Link) -> bool:
    """Tell whether a message came over this very link, and so is not sent back."""
    return event.kind in (EventKind.MESSAGE_CREATED, EventKind.MESSAGE_EDITED) and came_over(row.get("metadata"), link)


def _subject(event: Event, row: Mapping[str, Any]) -> str:
    """Return what has to be shown: of an approval, the message that asks for it."""
    return str((row["message_id"] if event.kind in _ENDED else None) or event.subject_id)


def _detail(event: Event, row: Mapping[str, Any]) -> dict[str, Any]:
    match event.kind:
        case EventKind.MESSAGE_EDITED if FINISHED in row:
            return {FINISHED: True}
        case EventKind.APPROVAL_ANSWERED | EventKind.APPROVAL_EXPIRED:
            return {BUTTONS: True}
        case EventKind.REACTION_ADDED | EventKind.REACTION_REMOVED:
            return {
                "emoji": row["emoji"],
                "by": event.actor_id,
                "added": event.kind is EventKind.REACTION_ADDED,
            }
        case EventKind.CHANNEL_ARCHIVED | EventKind.CHANNEL_UNARCHIVED:
            return {ARCHIVED: event.kind is EventKind.CHANNEL_ARCHIVED, "by": event.actor_id}
        case EventKind.MEMBER_JOINED | EventKind.MEMBER_LEFT:
            return {"joined": event.kind is EventKind.MEMBER_JOINED}
    return {}
