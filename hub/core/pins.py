"""Pins: messages that a channel keeps at hand."""

from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal
from hub.core import edits
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.messages import Messages
from hub.core.permissions import Action, require
from hub.core.posting import Posted
from store.ports.store import Store


class Pins:
    """What can be done with pins."""

    def __init__(self, store: Store, clock: Clock, channels: Channels, messages: Messages) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._messages = messages

    async def of(self, actor: Principal, channel_name: str) -> list[Message]:
        """Return the channel's pinned messages, oldest first.

        Raises:
            NotFound: as `Channels.resolve`.
        """
        channel = await self._channels.resolve(actor, channel_name)
        async with self._store.read() as unit:
            return await unit.messages.pinned(channel.id)

    async def add(self, actor: Principal, message_id: str) -> Posted:
        """Pin the message in its channel.

        Raises:
            NotFound: there is no such message, it is deleted, or the actor may not see it.
            Conflict: the channel is archived.
            Forbidden: the actor may not pin, or not write there.
        """
        return await self._set(actor, message_id, pinned=True)

    async def remove(self, actor: Principal, message_id: str) -> Posted:
        """Take the pin off. Raises: as `add`."""
        return await self._set(actor, message_id, pinned=False)

    async def _set(self, actor: Principal, message_id: str, *, pinned: bool) -> Posted:
        require(actor, Action.PIN_MESSAGES)
        found = await self._messages.changeable(actor, message_id)
        channel, now = found.channel, self._clock()
        message = await self._store.write(
            lambda unit: edits.set_pinned(unit, now, actor, channel, message_id, pinned=pinned)
        )
        return Posted(message, channel)
