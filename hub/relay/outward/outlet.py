"""Outlet: the one place where something leaves for a platform. Posts are marked durably before they go.

When the outcome of a post stays unclear (a crash, a broken connection), the platform is asked whether it is there
before it is posted again: so an effect happens once, although a request may not; what comes after that is taken away
(`doubts`). Changes are idempotent and simply repeated.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from hub.core.clock import Clock
from hub.relay.contract.bridge import Bridge, Capability
from hub.relay.contract.errors import CannotCarry, Gone, NotReady, Refused
from hub.relay.contract.outbound import Change, Delete, Edit, Post, React, Topic
from hub.relay.contract.platform import Call
from hub.relay.counters import Count, Counters
from hub.relay.identities import Identities
from hub.relay.outward.doubts import Doubts
from hub.relay.pace import Pace
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing, OutgoingState
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit

SETTLE_SECONDS = 1.0
"""How long what left may still be on its way before the platform is asked for it."""

_CALLS = {Edit: Call.EDIT, Delete: Call.DELETE, React: Call.REACT, Topic: Call.TOPIC}
_NEEDED = {
    Edit: Capability.EDIT,
    Delete: Capability.DELETE,
    React: Capability.REACTION,
    Topic: Capability.TOPIC,
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A link's way out, over one running bridge."""

    store: Store
    clock: Clock
    link: Link
    bridge: Bridge
    identities: Identities
    pace: Pace
    known: Callable[[str], None]
    counters: Counters
    doubts: Doubts

    def can(self, capability: Capability) -> bool:
        """Tell whether the bridge carries it."""
        return capability in self.bridge.capabilities

    def shows(self, change: Change) -> bool:
        """Tell whether the bridge can make a change of this kind."""
        return self.can(_NEEDED[type(change)])

    def first_attempt(self, outgoing: Outgoing) -> tuple[int, str | None]:
        """Return when this was first attempted, and what was the newest that was processed then: now, if never."""
        if outgoing.attempted_at is not None:
            return outgoing.attempted_at, outgoing.sent_after
        return self.clock(), self.link.watermark

    async def post(self, outgoing: Outgoing, post: Post, number: int) -> tuple[str, Post]:
        """Post one piece; return its remote id, and the post as it was made: where none can be unfinished, it is not.

        Raises:
            BridgeError: it was not posted, or may have been; `outgoing` says durably which.
        """
        async with self.pace.turn(Call.FILE if post.files else Call.POST, self.link.remote_channel):
            attempt = replace(
                outgoing,
                state=OutgoingState.SENDING,
                number=number,
                content=post.text,
                attempts=outgoing.attempts + 1,
                attempted_at=post.attempted_at,
                sent_after=post.sent_after,
                error=None,
            )
            await self.save(attempt)
            try:
                remote_id, post = await self._post(post)
            except (NotReady, Gone) as error:
                await self.save(replace(attempt, state=OutgoingState.PENDING, content="", error=str(error)))
                raise
        self.doubts.posted(self.link.id, post.token, remote_id)
        self.counters.add(self.link.platform, Count.POSTED)
        return remote_id, post

    async def _post(self, post: Post) -> tuple[str, Post]:
        if post.unfinished:
            with contextlib.suppress(CannotCarry):
                return await self.bridge.post(post, self.identities), post
            post = replace(post, unfinished=False, asked_by=None)
        return await self.bridge.post(post, self.identities), post

    async def find(self, outgoing: Outgoing, post: Post) -> str | None:
        """Return the remote id of a post of an unclear outcome, None when it is not there: it still may come."""
        await asyncio.sleep(SETTLE_SECONDS)
        remote_id = await self.bridge.find_sent(post)
        found = Count.RESENT if remote_id is None else Count.FOUND
        self.counters.add(self.link.platform, found)
        if remote_id is None and self.can(Capability.DELETE):
            self.doubts.begin(self.link.id, post)
        _log.info("post %s over link %s: %s", post.token, self.link.id, found.value)
        return remote_id

    async def attempt(self, outgoing: Outgoing) -> None:
        """Say durably that a change is under way: until it is done, nobody knows what the platform has."""
        if outgoing.state is not OutgoingState.SENDING:
            await self.save(replace(outgoing, state=OutgoingState.SENDING))

    async def change(self, change: Change) -> bool:
        """Make a change; False when the message is not there any more.

        Raises:
            BridgeError: it was not made; CannotCarry when it has to be put in words.
        """
        if not self.shows(change):
            raise CannotCarry("the platform cannot show it")
        async with self.pace.turn(_CALLS[type(change)], self.link.remote_channel):
            try:
                await self.bridge.change(change, self.identities)
            except Gone:
                return False
        self.counters.add(self.link.platform, Count.CHANGED)
        return True

    async def record(self, outgoing: Outgoing, pair: Pair, *, last: bool) -> Outgoing:
        """Keep the counterpart of what was posted, and let go what waited for it."""
        state = OutgoingState.SENT if last else OutgoingState.PENDING
        after = replace(outgoing, state=state, content="", error=None, attempts=0, changed_at=self.clock())

        async def work(unit: Unit) -> None:
            await unit.counterparts.add(pair)
            await unit.queues.save_outgoing(after)
            await unit.queues.release(pair.link_id, pair.remote_id)

        await self.store.write(work)
        self.known(pair.link_id)
        return after

    async def finish(self, *outgoing: Outgoing) -> None:
        """Say that everything about these is done."""
        now = self.clock()
        done = [replace(one, state=OutgoingState.SENT, content="", error=None, changed_at=now) for one in outgoing]

        async def work(unit: Unit) -> None:
            for one in done:
                await unit.queues.save_outgoing(one)

        await self.store.write(work)

    async def refuse(self, outgoing: Outgoing, error: Refused) -> None:
        """Put what the platform refuses aside, with the reason; of an unclear outcome also what it was."""
        _log.warning("%s %d over link %s was refused: %s", outgoing.kind, outgoing.seq, self.link.id, error)
        self.counters.add(self.link.platform, Count.REFUSED)
        content = outgoing.content if outgoing.state is OutgoingState.SENDING else ""
        await self.save(replace(outgoing, state=OutgoingState.DEAD, content=content, error=str(error)))

    async def save(self, outgoing: Outgoing) -> None:
        """Write down how it stands."""
        changed = replace(outgoing, changed_at=self.clock())

        async def work(unit: Unit) -> None:
            await unit.queues.save_outgoing(changed)

        await self.store.write(work)

    async def save_pair(self, pair: Pair) -> None:
        """Write down what a counterpart has now."""

        async def work(unit: Unit) -> None:
            await unit.counterparts.save(pair)

        await self.store.write(work)
