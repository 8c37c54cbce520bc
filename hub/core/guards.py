"""Guards: what they hold back, and letting it go: when a person speaks, when a window renews, or by hand."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Forbidden, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.inbox import InboxItem
from airchat.protocol.messages import Message
from airchat.protocol.principals import Kind, Principal
from airchat.protocol.rows import shown_name, task_row
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import DAY, SECOND
from hub.core.audit import Audit
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.gate import Gate
from hub.core.loops import Occasion
from hub.core.permissions import Action, require
from store.ports.inbox import HeldItem
from store.ports.store import Store
from store.ports.unit import Unit
from store.ports.wakes import Wake

SWEEP_TIME = 5 * SECOND
"""How often it is looked whether a window has renewed; that a person spoke is noticed at once."""

_LISTED = 500
_PAGE = 100
_PEOPLE = frozenset({Kind.PERSON, Kind.GHOST})
_KEPT = 2 * DAY
"""So long wakes are counted: a little more than the longest window."""

_TOLD_ANEW = frozenset({"streak", "hops"})
"""Guards that a person's word sets back: when one of them refuses again, that is told again."""

_Group = tuple[str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Held:
    """An inbox item that a guard holds back: who would be woken, by whom, where."""

    item: InboxItem
    agent: Principal
    sender: Principal
    channel: Channel
    message: Message | None = None
    task: Task | None = None


class Guards:
    """What is held, and its release. `tick` has to be called often; it looks at what is new in the log."""

    def __init__(  # noqa: PLR0917 - what it is made of, each once
        self, store: Store, clock: Clock, directory: Directory, channels: Channels, bus: EventBus, gate: Gate
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._channels = channels
        self._bus = bus
        self._gate = gate
        self._position: int | None = None
        self._swept_at = 0

    async def follow(self) -> None:
        """Wait until the log has news, or until it is time to sweep, and `tick` then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_TIME / SECOND):
                await self._bus.wait(self._position or 0)
        await self.tick()

    async def tick(self) -> int:
        """Release what may go, if a person spoke since the last call or it is time; return how much that was."""
        now = self._clock()
        if await self._spoken() or now - self._swept_at >= SWEEP_TIME:
            self._swept_at = now
            return await self.sweep()
        return 0

    async def sweep(self) -> int:
        """Release what guards do not refuse any more; return how much. Costs one read when nothing is held."""
        released, stuck, after = 0, frozenset[_Group](), (0, "")
        while True:
            found = await self._store.look_up(lambda unit, after=after: unit.inbox.held(_PAGE, after))  # type: ignore[misc]
            if not found:
                return released
            after = found[-1].item.created_at, found[-1].item.id
            if hopeful := [one for one in found if _group(one) not in stuck]:
                count, more = await self._sweep_page(hopeful)
                released, stuck = released + count, stuck | more

    async def forget(self) -> None:
        """Forget wakes that no window counts any more."""
        before = self._clock() - _KEPT
        await self._store.write(lambda unit: unit.wakes.forget(before))

    async def held(self, actor: Principal) -> list[Held]:
        """Return what is held where the actor may see it, oldest first; the hub itself sees all of it."""
        async with self._store.read() as unit:
            found = [await _held(unit, one.item) for one in await unit.inbox.held(_LISTED)]
        return [
            one
            for one in found
            if one is not None and (actor.kind is Kind.SYSTEM or self._directory.readable(actor, one.channel))
        ]

    async def go_on(self, actor: Principal, channel_name: str | None) -> int:
        """Let the agents of a channel, or of all, go on as if a person had spoken; return how much was released.

        Raises:
            NotFound: the actor may not know of the channel.
            Forbidden: agents do not let themselves go on; everywhere, only admins do.
        """
        require(actor, Action.RELEASE_AGENTS)
        if actor.kind not in {Kind.PERSON, Kind.SYSTEM}:
            raise Forbidden("Only people can let agents go on")
        if channel_name is None:
            require(actor, Action.MANAGE_AGENTS)
            places = {one.channel.id: one.channel for one in await self.held(actor)}
        else:
            channel = await self._channels.resolve(actor, channel_name)
            if not self._directory.readable(actor, channel):
                raise NotFound("Channel not found")
            places = {channel.id: channel}
        now = self._clock()
        return await self._store.write(lambda unit: self._go_on(unit, actor, places, now))

    async def _spoken(self) -> bool:
        """Tell whether the log's news have something that a person wrote."""
        if self._position is None:
            self._position, spoken = self._bus.head, True  # what was said before is not known
            return spoken
        spoken = False
        while events := await self._bus.read(self._position):
            self._position = events[-1].seq
            for event in events:
                if event.kind is EventKind.MESSAGE_CREATED and event.actor_id is not None:
                    author = self._directory.principal(event.actor_id)
                    spoken = spoken or (author is not None and author.kind in _PEOPLE and not author.bot)
        return spoken

    async def _sweep_page(self, found: Sequence[HeldItem]) -> tuple[int, frozenset[_Group]]:
        """Release the oldest of each sender's items for an agent in a channel, and so on until one may not go.

        Returns how many were released, and for whom one may not go.
        """
        now = self._clock()

        async def sweep(unit: Unit) -> tuple[int, frozenset[_Group]]:
            stuck: set[_Group] = set()
            released = 0
            for each in found:
                if _group(each) in stuck:
                    continue
                one = await _held(unit, each.item)
                if one is None:
                    await unit.inbox.release([each.item.id])  # what it was about is gone
                elif await self._may_go(unit, one, now):
                    released += await _release(unit, one, now)
                else:
                    stuck.add(_group(each))
            return released, frozenset(stuck)

        return await self._store.write(sweep)

    async def _may_go(self, unit: Unit, one: Held, now: int) -> bool:
        """Tell whether a person has spoken since, or no guard would hold it now."""
        occasion = Occasion(unit, one.sender, one.channel, now)
        if one.message is not None:
            if await unit.wakes.spoken_since(one.channel.id, one.message.number):
                return True
            hops = 1 if now - one.item.created_at >= DAY else one.message.hops
            return not (await self._gate.judge(occasion, [one.agent.id], hops)).refused
        if await unit.wakes.spoken_from(one.channel.id, one.item.created_at):
            return True
        return await self._gate.over_budget(occasion, one.agent.id) is None

    async def _go_on(self, unit: Unit, actor: Principal, places: dict[str, Channel], now: int) -> int:
        released, after = 0, (0, "")
        while found := await unit.inbox.held(_PAGE, after):
            after = found[-1].item.created_at, found[-1].item.id
            for item in (each.item for each in found if each.item.channel_id in places):
                one = await _held(unit, item)
                released += await _release(unit, one, now) if one is not None else 0
        for channel in places.values():
            await unit.wakes.mark(channel.id, now)
            detail = {"channel": shown_name(channel)}
            await Audit.record(unit, now, actor.id, "guards.released", channel.id, detail)
        return released


def _group(one: HeldItem) -> _Group:
    """Return what items have in common that go one after the other: channel, sender and agent."""
    return one.item.channel_id, one.sender_id, one.item.principal_id


async def _held(unit: Unit, item: InboxItem) -> Held | None:
    """Return the item with what it is about; None when that is gone."""
    message = await unit.messages.get(item.message_id) if item.message_id else None
    task = await unit.tasks.get(item.task_id) if item.task_id else None
    sender_id = message.author_id if message else task.created_by if task else None
    channel = await unit.channels.get(item.channel_id) if item.channel_id else None
    agent = await unit.principals.get(item.principal_id)
    sender = await unit.principals.get(sender_id) if sender_id else None
    if agent is None or sender is None or channel is None:
        return None
    return Held(item, agent, sender, channel, message, task)


async def _release(unit: Unit, one: Held, now: int) -> int:
    """Queue the item, once, count it, and tell its owner; return whether it was still held."""
    released = await unit.inbox.release([one.item.id])
    if one.item.held in _TOLD_ANEW:
        await unit.wakes.unnotice(one.channel.id, one.item.held)
    for item in released:
        number = one.message.number if one.message else None
        subject = item.message_id or item.task_id or item.id
        await unit.wakes.add([Wake(subject, one.agent.id, one.sender.id, one.channel.id, now, number)])
        data: dict[str, object] = {"kind": item.kind.value, "channel": shown_name(one.channel)}
        data |= {"task": task_row(one.task, one.channel)} if one.task else {"message_id": item.message_id}
        event = EventDraft(
            EventKind.INBOX_QUEUED,
            now,
            one.sender.id,
            channel_id=one.channel.id,
            recipient_id=one.agent.id,
            subject_id=item.id,
            data=data,
        )
        await unit.events.append([event])
    return len(released)
