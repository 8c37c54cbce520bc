"""Tags: what clients say without words and mean to be kept, such as a reaction to something that is no message here."""

from typing import Any

from airchat.protocol.channels import Channel
from airchat.protocol.errors import InvalidInput
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.limits import METADATA_LENGTH
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from hub.core.admission import Visitor, check_speech
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.permissions import Action, require
from store.ports.store import Store
from store.ports.unit import Unit


class Tags:
    """Keeps tags in the log, beside the messages of their channel."""

    def __init__(self, store: Store, clock: Clock, directory: Directory) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory

    async def post(self, actor: Principal, channel: Channel, tags: dict[str, str], details: dict[str, Any]) -> None:
        """Log the tags; `details` are what the door through which they come adds.

        Raises:
            InvalidInput: the tags are too long.
            Forbidden: a mode of the channel keeps the actor from writing.
        """
        require(actor, Action.POST)
        if sum(len(key) + len(value) for key, value in tags.items()) > METADATA_LENGTH:
            raise InvalidInput(f"tags must be at most {METADATA_LENGTH} characters", "tags")
        check_speech(Visitor(actor), channel, self._directory)
        now = self._clock()
        data = {
            "channel": shown_name(channel),
            "channel_id": channel.id,
            "author_agent_id": actor.id,
            "author_name": actor.name,
            "tags": tags,
            "metadata": details,
        }
        draft = EventDraft(EventKind.MESSAGE_TAGGED, now, actor.id, channel.id, None, actor.id, data)

        async def log(unit: Unit) -> None:
            await unit.events.append([draft])

        await self._store.write(log)
