"""Reactions: emoji that principals hang on messages."""

from airchat.protocol.errors import Conflict
from airchat.protocol.events import EventKind
from airchat.protocol.ids import is_id
from airchat.protocol.messages import Reaction
from airchat.protocol.principals import Principal
from hub.core import edits
from hub.core.clock import Clock
from hub.core.contents import check_emoji
from hub.core.directory import Directory
from hub.core.messages import Messages
from hub.core.permissions import Action, require
from store.ports.store import Store
from store.ports.unit import Unit

_EMOJI_PER_MESSAGE = 50


class Reactions:
    """What can be done with reactions."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, messages: Messages) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._messages = messages

    async def on(self, actor: Principal, message_ids: list[str]) -> list[Reaction]:
        """Return the reactions on those of these messages that the actor may see, oldest first."""
        async with self._store.read() as unit:
            messages = [await unit.messages.get(message_id) for message_id in message_ids if is_id(message_id)]
            reactions = await unit.messages.reactions([message.id for message in messages if message])
        visible = set()
        for message in messages:
            channel = await self._directory.find_channel_by_id(message.channel_id) if message else None
            if message and channel and self._directory.readable(actor, channel):
                visible.add(message.id)
        return [reaction for reaction in reactions if reaction.message_id in visible]

    async def add(self, actor: Principal, message_id: str, emoji: str) -> list[Reaction]:
        """Add a reaction, once per emoji, and return all on the message.

        Raises:
            InvalidInput: no reaction can be this.
            NotFound: there is no such message, it is deleted, or the actor may not see it.
            Conflict: the channel is archived, or the message has as many different reactions as it may.
            Forbidden: a mode of the channel keeps the actor from writing.
        """
        check_emoji(emoji)
        require(actor, Action.POST)
        found = await self._messages.changeable(actor, message_id)
        reaction = Reaction(message_id, actor.id, actor.name, emoji, self._clock())

        async def add(unit: Unit) -> list[Reaction]:
            message = await edits.live(unit, message_id)
            known = {one.emoji for one in await unit.messages.reactions([message_id])}
            if emoji not in known and len(known) >= _EMOJI_PER_MESSAGE:
                raise Conflict(f"A message may have at most {_EMOJI_PER_MESSAGE} different reactions")
            if await unit.messages.react(reaction):
                kind, at = EventKind.REACTION_ADDED, reaction.created_at
                await unit.events.append([edits.reaction_event(kind, at, found.channel, message, reaction)])
            return await unit.messages.reactions([message_id])

        return await self._store.write(add)

    async def remove(self, actor: Principal, message_id: str, emoji: str) -> list[Reaction]:
        """Take the actor's reaction back, and return those left on the message. Raises: as `add`."""
        check_emoji(emoji)
        found = await self._messages.changeable(actor, message_id)
        reaction = Reaction(message_id, actor.id, actor.name, emoji, self._clock())

        async def remove(unit: Unit) -> list[Reaction]:
            message = await edits.live(unit, message_id)
            if await unit.messages.unreact(message_id, actor.id, emoji):
                kind, at = EventKind.REACTION_REMOVED, reaction.created_at
                await unit.events.append([edits.reaction_event(kind, at, found.channel, message, reaction)])
            return await unit.messages.reactions([message_id])

        return await self._store.write(remove)
