"""The agent's inbox at the hub: what waits is asked for, kept in order, and acknowledged when it was dealt with.

The hub is asked when its stream has news and now and then besides. What is not acknowledged stays in the list, so it is
the list that says what there is to do, whatever was handed out before: to this runner or to one that was killed.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from airchat import AirChatError, AsyncAirChatClient, InboxItem, StreamEvent
from airchat.async_follow import AsyncEventStream
from airchat.protocol.events import EventKind
from airchat.protocol.inbox import InboxState
from airchat.protocol.names import DIRECT_MESSAGES
from runner.backoff import Backoff
from runner.clock import Clock

LOOK_SECONDS = 20.0
"""How often the hub is asked without news."""

PAGE = 200
_REMEMBERED = 10 * PAGE
_WATCHED = (EventKind.MESSAGE_CREATED, EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED, EventKind.INBOX_QUEUED)
_KINDS = ",".join(kind.value for kind in _WATCHED)

_log = logging.getLogger(__name__)


class Deliver(Protocol):
    """Takes items that were not seen before."""

    def __call__(self, item: InboxItem, *, again: bool) -> None:
        """Take one; `again` tells that it was handed out already before this runner started."""
        ...


class Inbox:
    """The inbox of one agent, whose id is `agent_id`."""

    def __init__(
        self,
        client: AsyncAirChatClient,
        agent_id: str,
        clock: Clock,
        deliver: Deliver,
        withdraw: Callable[[str], None],
    ) -> None:
        """Hand items to `deliver`, and to `withdraw` the ids of messages that were deleted."""
        self._client = client
        self._withdraw = withdraw
        self._agent_id = agent_id
        self._clock = clock
        self._deliver = deliver
        self._held: dict[str, None] = {}
        self._dealt_with: dict[str, None] = {}
        self._pages = 1
        self._first = True
        self._news = asyncio.Event()

    def stream(self, session: str) -> AsyncEventStream:
        """Return the stream that `follow` follows; the hub lets only one session at a time have it."""
        return self._client.stream(kind=_KINDS, session=session)

    async def follow(self, events: AsyncEventStream) -> None:
        """Listen for news, for ever.

        Raises:
            AirChatConflict: the connection broke, and another session works as the agent now.
            AirChatError: the hub refuses for good.
        """
        async for event in events:
            if event.kind == EventKind.MESSAGE_DELETED:
                self._withdraw(str(event.data.get("id")))
            elif self._concerns(event):
                self._news.set()

    async def watch(self) -> None:
        """Take what is new, for ever.

        Raises:
            AirChatError: the hub refuses for good.
        """
        backoff = Backoff(longest=30.0)
        while True:
            self._news.clear()
            try:
                await self.look()
                backoff.reset()
                await self._clock.sleep(self._pages - 1)  # what waits for long is not asked for without pause
                await self._clock.wait(self._news, LOOK_SECONDS)
            except AirChatError as error:
                if not error.transient:
                    raise
                delay = backoff.next()
                _log.warning("the hub cannot be asked (%s); again in %.0f s", error, delay)
                await self._clock.sleep(delay)

    async def look(self) -> None:
        """Ask what waits, and deliver in order what was not delivered before. Errors as in the client."""
        items = await self._waiting()
        fresh = [item for item in items.values() if item.id not in self._held and item.id not in self._dealt_with]
        self._held = {item_id: None for item_id in self._held if item_id in items}  # others were withdrawn
        seen = {item.id for item in fresh if item.state == InboxState.DELIVERED} if self._first else set()
        await self._take(list(items), {item.id for item in fresh if item.state == InboxState.QUEUED})
        self._first = False
        for item in fresh:
            self._held[item.id] = None
            self._deliver(item, again=item.id in seen)

    async def _waiting(self) -> dict[str, InboxItem]:
        """Return all that waits, page by page."""
        found: dict[str, InboxItem] = {}
        self._pages, last = 0, None
        while True:
            page = await self._client.take_inbox(PAGE, peek=True, after=last)
            found |= {item.id: item for item in page}
            self._pages += 1
            if len(page) < PAGE:
                return found
            last = page[-1].id

    async def _take(self, waiting: Sequence[str], queued: set[str]) -> None:
        """Take what is queued of what waits, so that senders see that it has arrived."""
        first = next((number for number, item_id in enumerate(waiting) if item_id in queued), None)
        before = waiting[first - 1] if first else None
        while queued and (taken := await self._client.take_inbox(PAGE, after=before)):
            queued = queued - {item.id for item in taken}
            before = taken[-1].id

    async def acknowledge(self, item_ids: Sequence[str]) -> None:
        """Acknowledge items; a hub that is away is waited for."""
        backoff = Backoff(longest=60.0)
        while True:
            try:
                await self._client.ack_inbox(item_ids)
            except AirChatError as error:
                if not error.transient:
                    raise
                delay = backoff.next()
                _log.warning("nothing can be acknowledged now (%s); again in %.0f s", error, delay)
                await self._clock.sleep(delay)
            else:
                break
        for item_id in item_ids:
            self._held.pop(item_id, None)
            self._dealt_with[item_id] = None  # a list that is on its way may still have it
        while len(self._dealt_with) > _REMEMBERED:
            del self._dealt_with[next(iter(self._dealt_with))]

    def _concerns(self, event: StreamEvent) -> bool:
        """Tell whether the event may have put something into the inbox."""
        if event.kind == EventKind.INBOX_QUEUED:
            return True
        return event.channel == DIRECT_MESSAGES or self._agent_id in (event.data.get("mentions") or ())
