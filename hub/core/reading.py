"""Reading a channel or a thread: a page of its messages, and what reading does: joining, and moving the read number.

Who is a member reads on while nothing can be written; the read number moves the next time.
"""

from contextlib import suppress
from dataclasses import dataclass

from airchat.protocol.channels import Channel, Membership
from airchat.protocol.errors import InvalidInput, Unavailable
from airchat.protocol.limits import MESSAGE_PAGE
from airchat.protocol.messages import Message
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Principal
from hub.core.admission import Visitor, admit
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.direct import ALL_DIRECT
from hub.core.directory import Directory
from hub.core.memberships import join_member, move_read
from store.ports.store import Store
from store.ports.unit import Unit


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a channel, oldest first; of `ALL_DIRECT` when they are from all of somebody's direct channels."""

    channel: Channel
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Thread:
    """A message and a page of the replies to it, oldest first: `earlier` and `later` ones are not on the page."""

    channel: Channel
    parent: Message
    replies: list[Message]
    earlier: int = 0
    later: int = 0


class Reading:
    """How `Messages.read` and `Messages.thread` work."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, channels: Channels) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._channels = channels

    async def page(
        self, actor: Principal, channel_name: str, limit: int, *, before: int | None, after_number: int | None
    ) -> Page:
        """Return a page; see `Messages.read`."""
        limit = max(1, min(limit, MESSAGE_PAGE))
        if before is not None and after_number is not None:
            raise InvalidInput("before and after exclude each other", "after")
        if channel_name == DIRECT_MESSAGES:
            if after_number is not None:
                raise InvalidInput(f"after counts the messages of one channel, and {DIRECT_MESSAGES} are many", "after")
            return await self._direct(actor, limit, before)
        channel = await self._channels.resolve(actor, channel_name)

        async def look(unit: Unit) -> tuple[list[Message], Channel | None, Membership | None]:
            return (
                await unit.messages.page(channel.id, limit, before, after_number),
                await unit.channels.get(channel.id),
                await unit.channels.membership(channel.id, actor.id),
            )

        messages, current, membership = await self._store.look_up(look)
        last = current.last_number if current else 0
        newest = before is None and (after_number is None or _reaches_end(messages, limit, last))
        unread = newest and last > (membership.read_number if membership else 0)
        if membership is None or unread:
            now = self._clock()

            async def note(unit: Unit) -> None:
                await admit(unit, Visitor(actor), channel)
                await join_member(unit, now, actor, channel)
                if unread:
                    await move_read(unit, now, actor, channel, last)

            try:
                await self._store.write(note)
            except Unavailable:
                if membership is None:
                    raise
        return Page(channel, messages)

    async def thread(
        self, channel: Channel, parent: Message, limit: int, *, before: int | None, after: int | None
    ) -> Thread:
        """Return a page of the replies to a message; see `Messages.thread`."""
        limit = max(1, min(limit, MESSAGE_PAGE))
        async with self._store.read() as unit:
            replies = await unit.messages.thread(parent.id, limit, before=before, after=after)
            first = replies[0].number if replies else (after or -1) + 1
            earlier = await unit.messages.count_replies(parent.id, before=first)
            later = await unit.messages.count_replies(parent.id, after=replies[-1].number if replies else first - 1)
        return Thread(channel, parent, replies, earlier, later)

    async def _direct(self, actor: Principal, limit: int, before: int | None) -> Page:
        async with self._store.read() as unit:
            messages = await unit.messages.direct_page(actor.id, limit, before)
            memberships = await unit.channels.memberships_of(actor.id)
        read = {membership.channel_id: membership.read_number for membership in memberships}
        moved: dict[str, int] = {}
        for message in messages:
            if before is None and message.number > max(
                read.get(message.channel_id, 0), moved.get(message.channel_id, 0)
            ):
                moved[message.channel_id] = message.number
        if moved:
            now = self._clock()
            channels = [await self._directory.find_channel_by_id(channel_id) for channel_id in moved]

            async def note(unit: Unit) -> None:
                for channel in channels:
                    if channel is not None:
                        await move_read(unit, now, actor, channel, moved[channel.id])

            with suppress(Unavailable):
                await self._store.write(note)
        return Page(ALL_DIRECT, messages)


def _reaches_end(messages: list[Message], limit: int, last_number: int) -> bool:
    """Tell whether a page of messages after some number goes up to the channel's newest."""
    return bool(messages) and (len(messages) < limit or messages[-1].number == last_number)
