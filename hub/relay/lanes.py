"""Lanes: one per link, strictly in order, one part in flight.

A part is marked `sending` durably before it leaves. When its outcome stays unclear (a crash, a broken connection), the
platform is asked whether it is there before it is sent again: so an effect happens once, although a request may not.
"""

import asyncio
import logging
from dataclasses import replace
from typing import Any

from airchat.protocol.messages import Message
from airchat.protocol.timestamps import MINUTE
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.contract.bridge import Bridge
from hub.relay.contract.errors import NotReady, OutcomeUnknown, Refused
from hub.relay.contract.outbound import Author, Post, Reference
from hub.relay.identities import Identities
from hub.relay.inbox import inbound_metadata
from hub.relay.links import Links
from hub.relay.waits import backoff, sleep_until
from store.ports.relay import Link, Pair, Part, PartState
from store.ports.store import Store
from store.ports.unit import Unit

SETTLE_SECONDS = 1.0
"""How long what left may still be on its way before the platform is asked for it."""

_IDLE_SECONDS = 5.0
_HOLD_SECONDS = 0.2
_HOLD_AT_MOST = MINUTE
_THREAD_DEPTH = 50

_log = logging.getLogger(__name__)


class Lanes:
    """Wakes the workers of lanes; whoever runs a bridge runs `work` for each of its links."""

    def __init__(self, store: Store, directory: Directory, links: Links, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._links = links
        self._clock = clock
        self._woken: dict[str, asyncio.Event] = {}

    def wake(self, link_id: str) -> None:
        """Say that a lane may have something to send."""
        self._flag(link_id).set()

    async def work(self, link_id: str, bridge: Bridge, identities: Identities) -> None:
        """Send one lane's parts for ever.

        Raises:
            BridgeError: AuthFailed or ConfigError.
        """
        woken, failures = self._flag(link_id), 0
        while True:
            woken.clear()
            part, link = await self._next(link_id)
            if part is None or link is None:
                await sleep_until(woken, _IDLE_SECONDS)
                continue
            try:
                await self._advance(link, part, bridge, identities)
                failures = 0
            except (NotReady, OutcomeUnknown, Refused) as error:
                failures += 1
                _log.warning("part %s over link %s has to wait: %s", _token(part), link_id, error)
                after = error.retry_after if isinstance(error, NotReady) else None
                await asyncio.sleep(after if after is not None else backoff(failures))

    async def _next(self, link_id: str) -> tuple[Part | None, Link | None]:
        link = self._links.get(link_id)
        if link is None or link.paused:
            return None, link
        async with self._store.read() as unit:
            return await unit.relay.next_part(link_id), link

    async def _advance(self, link: Link, part: Part, bridge: Bridge, identities: Identities) -> None:
        """Bring one part to its end, or raise why it has to wait."""
        async with self._store.read() as unit:
            message = await unit.messages.get(part.message_id)
        if message is None:
            await self._save(replace(part, state=PartState.DEAD, error="the message is gone"))
            return
        outbound = await self._outbound(link, part, message)
        if part.state is PartState.SENDING and await self._found(part, outbound, bridge):
            return
        if message.deleted_at is not None:
            await self._save(replace(part, state=PartState.DEAD, error="the message was deleted before it was sent"))
            return
        await self._send(part, outbound, bridge, identities)

    async def _found(self, part: Part, outbound: Post, bridge: Bridge) -> bool:
        """Tell whether a part of an unclear outcome is on the platform, and note it if so."""
        await asyncio.sleep(SETTLE_SECONDS)
        remote_id = await bridge.find_sent(outbound)
        if remote_id is None:
            return False
        _log.info("part %s over link %s had been sent", outbound.token, part.link_id)
        await self._sent(part, remote_id)
        return True

    async def _send(self, part: Part, outbound: Post, bridge: Bridge, identities: Identities) -> None:
        attempt = replace(
            part, state=PartState.SENDING, attempts=part.attempts + 1, sent_after=outbound.sent_after, error=None
        )
        await self._save(attempt)
        try:
            remote_id = await bridge.post(outbound, identities)
        except NotReady as error:
            await self._save(replace(attempt, state=PartState.PENDING, error=str(error)))
            raise
        except Refused as error:
            _log.warning("part %s over link %s was refused: %s", outbound.token, part.link_id, error)
            await self._save(replace(attempt, state=PartState.DEAD, error=str(error)))
            return
        await self._sent(attempt, remote_id)

    async def _outbound(self, link: Link, part: Part, message: Message) -> Post:
        """Gather what the bridge needs."""
        async with self._store.read() as unit:
            root = await _root(unit, message)
            thread = [] if root is None else await unit.relay.pairs_of_message(link.id, root.id)
            newest = part.sent_after or await unit.relay.newest_remote(link.id)
        if root is not None and not thread and self._still_arriving(link, root, message):
            raise NotReady("the message it answers has not got its counterpart yet", _HOLD_SECONDS)
        author = self._directory.principal(message.author_id)
        name = message.author_display or (author.display_name if author else None) or message.author_name
        return Post(
            token=_token(part),
            remote_channel=link.remote_channel,
            author=Author(message.author_id, name, _avatar(message.metadata)),
            text=part.text,
            attempted_at=message.created_at,
            sent_after=newest,
            message_id=message.id,
            thread=Reference(root.id, thread[0].remote_id, root.author_name, "") if root and thread else None,
        )

    def _still_arriving(self, link: Link, root: Message, answer: Message) -> bool:
        """Tell whether the root came in over this link just now: its pair is written a moment after it."""
        arrived = root.metadata.get("relay_link") == inbound_metadata(link)["relay_link"]
        return arrived and self._clock() - answer.created_at < _HOLD_AT_MOST

    async def _sent(self, part: Part, remote_id: str) -> None:
        now = self._clock()
        sent = replace(part, state=PartState.SENT, remote_id=remote_id, error=None, changed_at=now)
        pair = Pair(part.link_id, part.message_id, part.number, remote_id, inbound=False, created_at=now)

        async def work(unit: Unit) -> None:
            await unit.relay.save_part(sent)
            await unit.relay.add_pair(pair)

        await self._store.write(work)

    async def _save(self, part: Part) -> None:
        changed = replace(part, changed_at=self._clock())

        async def work(unit: Unit) -> None:
            await unit.relay.save_part(changed)

        await self._store.write(work)

    def _flag(self, link_id: str) -> asyncio.Event:
        return self._woken.setdefault(link_id, asyncio.Event())


async def _root(unit: Unit, message: Message) -> Message | None:
    """Return the message that began the thread: platforms know threads of one level."""
    root: Message | None = None
    parent_id = message.parent_id
    for _ in range(_THREAD_DEPTH):
        parent = None if parent_id is None else await unit.messages.get(parent_id)
        if parent is None:
            break
        root, parent_id = parent, parent.parent_id
    return root


def _token(part: Part) -> str:
    return f"{part.message_id}:{part.number}"


def _avatar(metadata: dict[str, Any]) -> str | None:
    url = metadata.get("avatar_url")
    return url if isinstance(url, str) and url.startswith("https://") else None
