"""The inbox: what waits for somebody, handing it out until it is acknowledged, and telling senders how far it got."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import is_id, moment_of
from airchat.protocol.inbox import InboxItem
from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal
from airchat.protocol.rows import iso_or_none
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import SECOND
from hub.core.clock import Clock
from hub.core.directory import Directory
from store.ports.inbox import START, Position
from store.ports.store import Store
from store.ports.unit import Unit

REDELIVERY = 30 * SECOND
"""An item that was handed out and not acknowledged for so long is handed out again."""

_LOOK = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """An inbox item with what it is about."""

    item: InboxItem
    message: Message | None
    task: Task | None
    channel: Channel | None

    @property
    def sender_id(self) -> str | None:
        """Who caused it."""
        return self.message.author_id if self.message else self.task.created_by if self.task else None


class Inbox:
    """Somebody's own inbox, and the receipts of what they sent."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory

    async def take(self, actor: Principal, limit: int = 50, after: str | None = None) -> list[Delivery]:
        """Hand out the oldest items that are due, of those behind the item `after` if it is given.

        What was deleted since is acknowledged and left out.
        """
        now, found, more = self._clock(), list[Delivery](), True
        start = await self._position(actor, after)
        while more:
            wanted = limit - len(found)
            some = await self._take(actor, wanted, start, now)
            found += [one for one in some if self._sees(actor, one)]
            if more := len(some) == wanted and len(found) < limit:
                start = _behind(some[-1].item)
        return found

    async def pending(self, actor: Principal, limit: int = 50, after: str | None = None) -> list[Delivery]:
        """Return the oldest items that are not acknowledged, without handing them out; `after` as in `take`.

        Only when there are fewer than `limit` are there no more.
        """
        found, more = list[Delivery](), True
        start = await self._position(actor, after)
        async with self._store.read() as unit:
            while more:
                wanted = limit - len(found)
                items = await unit.inbox.pending(actor.id, wanted, start)
                some = [await _delivery(unit, item) for item in items]
                found += [one for one in some if self._sees(actor, one)]
                if more := len(items) == wanted and len(found) < limit:
                    start = _behind(items[-1])
        return found

    async def _take(self, actor: Principal, limit: int, start: Position, now: int) -> list[Delivery]:
        """Hand out items behind a position, among them some that are gone or not to be seen any more."""
        due = await self._due(actor, limit, start, now)
        if due is None:
            return []

        async def take(unit: Unit) -> list[Delivery]:
            items = await unit.inbox.take(actor.id, limit, now, now - REDELIVERY, start)
            found = [
                replace(due[item.id], item=item) if item.id in due else await _delivery(unit, item) for item in items
            ]
            gone = [one.item.id for one in found if _is_gone(one)]
            if gone:
                await unit.inbox.ack(actor.id, gone, now)
            handed_out = [(one.item, one.sender_id) for one in found if not _is_gone(one)]
            await _log(unit, now, EventKind.INBOX_DELIVERED, actor, handed_out)
            return found

        return await self._store.write(take)

    async def ack(self, actor: Principal, item_ids: Sequence[str]) -> int:
        """Acknowledge the actor's own among these items; return how many were not before.

        What is dealt with is read: the mentions of their messages count as that.
        """
        now = self._clock()

        async def ack(unit: Unit) -> int:
            items = await unit.inbox.ack(actor.id, item_ids, now)
            await _read_mentions(unit, actor, items, now)
            await log_items(unit, now, EventKind.INBOX_ACKED, actor, items)
            return len(items)

        return await self._store.write(ack)

    async def receipts(self, actor: Principal, message_id: str) -> list[tuple[Principal, InboxItem]]:
        """Return how far a message got with each of its addressees, for whoever may see it.

        Raises:
            NotFound: there is no such message, or the actor may not see it.
        """
        async with self._store.read() as unit:
            message = await unit.messages.get(message_id) if is_id(message_id) else None
            items = await unit.inbox.receipts(message_id) if message else []
            found = await unit.principals.by_ids([item.principal_id for item in items])
        channel = await self._directory.find_channel_by_id(message.channel_id) if message else None
        if channel is None or not self._directory.readable(actor, channel):
            raise NotFound("Message not found")
        principals = {principal.id: principal for principal in found}
        return [(principals[item.principal_id], item) for item in items if item.principal_id in principals]

    async def _due(self, actor: Principal, limit: int, start: Position, now: int) -> dict[str, Delivery] | None:
        """Return the items that can be handed out, as far as they are seen here; None when there are none.

        Nothing is written: an idle agent asks often and costs next to nothing, and the writer need not look up a
        message for each item.
        """
        async with self._store.read() as unit:
            items = await unit.inbox.pending(actor.id, _LOOK, start)
            due = [item for item in items if item.delivered_at is None or item.delivered_at < now - REDELIVERY]
            found = {item.id: await _delivery(unit, item) for item in due[:limit]}
        return found if due or len(items) == _LOOK else None

    async def _position(self, actor: Principal, after: str | None) -> Position:
        """Return where the items behind one begin; of one that was withdrawn its id tells its time."""
        if after is None:
            return START
        async with self._store.read() as unit:
            item = await unit.inbox.get(after)
        return _behind(item) if item is not None and item.principal_id == actor.id else (moment_of(after), "")

    def _sees(self, actor: Principal, delivery: Delivery) -> bool:
        """Tell whether it was not deleted since, and the actor has not lost the channel."""
        visible = delivery.channel is None or self._directory.readable(actor, delivery.channel)
        return visible and not _is_gone(delivery)


async def log_items(unit: Unit, at: int, kind: EventKind, owner: Principal, items: Sequence[InboxItem]) -> None:
    """Log that items were handed out or acknowledged, for their owner and for who sent what they are about."""
    await _log(unit, at, kind, owner, [(item, await _sender_id(unit, item)) for item in items])


async def _log(
    unit: Unit, at: int, kind: EventKind, owner: Principal, items: Sequence[tuple[InboxItem, str | None]]
) -> None:
    drafts = []
    for item, sender_id in items:
        data = {
            "item_id": item.id,
            "kind": item.kind.value,
            "state": item.state.value,
            "attempts": item.attempts,
            "message_id": item.message_id,
            "task_id": item.task_id,
            "agent_id": owner.id,
            "name": owner.name,
            "delivered_at": iso_or_none(item.delivered_at),
            "acked_at": iso_or_none(item.acked_at),
        }
        drafts.append(
            EventDraft(
                kind,
                at,
                owner.id,
                channel_id=item.channel_id,
                recipient_id=sender_id or owner.id,
                subject_id=item.id,
                data=data,
            )
        )
    if drafts:
        await unit.events.append(drafts)


async def _read_mentions(unit: Unit, actor: Principal, items: Sequence[InboxItem], now: int) -> None:
    own = []
    for message_id in {item.message_id for item in items if item.message_id}:
        mentions = await unit.messages.mentions_in(message_id)
        own += [mention.id for mention in mentions if mention.mentioned_id == actor.id]
    if own:
        await unit.messages.read_mentions(actor.id, own, now)


async def _sender_id(unit: Unit, item: InboxItem) -> str | None:
    if item.message_id is not None:
        message = await unit.messages.get(item.message_id)
        return message.author_id if message else None
    if item.task_id is not None:
        task = await unit.tasks.get(item.task_id)
        return task.created_by if task else None
    return None


def _behind(item: InboxItem) -> Position:
    return item.created_at, item.id


async def _delivery(unit: Unit, item: InboxItem) -> Delivery:
    return Delivery(
        item,
        await unit.messages.get(item.message_id) if item.message_id else None,
        await unit.tasks.get(item.task_id) if item.task_id else None,
        await unit.channels.get(item.channel_id) if item.channel_id else None,
    )


def _is_gone(delivery: Delivery) -> bool:
    return delivery.message is not None and delivery.message.deleted_at is not None
