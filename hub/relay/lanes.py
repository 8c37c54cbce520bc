"""Lanes: one per link, strictly in order, one part in flight.

A part is marked `sending` durably before it leaves. When its outcome stays unclear (a crash, a broken connection), the
platform is asked whether it is there before it is sent again: so an effect happens once, although a request may not.
"""

import asyncio
import random
from dataclasses import replace
from typing import Any

import structlog

from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.contract import Bridge, NotReady, OutboundPart, OutcomeUnknown, Refused
from hub.relay.identities import Identities
from hub.relay.links import Links
from store.ports.relay import Link, Pair, Part, PartState
from store.ports.store import Store
from store.ports.unit import Unit

IDLE_SECONDS = 1.0
SETTLE_SECONDS = 1.0
MAX_BACKOFF_SECONDS = 60.0

log = structlog.get_logger(__name__)


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
            AuthFailed: the platform refuses the credentials.
        """
        woken, failures = self._flag(link_id), 0
        while True:
            woken.clear()
            part, link = await self._next(link_id)
            if part is None or link is None:
                await _sleep_until(woken, IDLE_SECONDS)
                continue
            try:
                await self._advance(link, part, bridge, identities)
                failures = 0
            except NotReady as error:
                failures += 1
                await asyncio.sleep(error.retry_after if error.retry_after is not None else backoff(failures))
            except OutcomeUnknown:
                failures += 1
                await asyncio.sleep(max(SETTLE_SECONDS, backoff(failures)))

    async def _next(self, link_id: str) -> tuple[Part | None, Link | None]:
        link = self._links.get(link_id)
        if link is None or link.paused:
            return None, link
        async with self._store.read() as unit:
            return await unit.relay.next_part(link_id), link

    async def _advance(self, link: Link, part: Part, bridge: Bridge, identities: Identities) -> None:
        """Bring one part to its end, or raise why it has to wait."""
        outbound = await self._outbound(link, part)
        if outbound is None:
            await self._save(replace(part, state=PartState.DEAD, error="the message was deleted before it was sent"))
            return
        remote_id = await bridge.find_sent(outbound) if part.state is PartState.SENDING else None
        if remote_id is not None:
            log.info("found a part that had been sent", link=link.id, part=outbound.token)
            await self._sent(part, remote_id)
            return
        attempt = replace(
            part, state=PartState.SENDING, attempts=part.attempts + 1, sent_after=outbound.sent_after, error=None
        )
        await self._save(attempt)
        try:
            remote_id = await bridge.send(outbound, identities)
        except NotReady as error:
            await self._save(replace(attempt, state=PartState.PENDING, error=str(error)))
            raise
        except Refused as error:
            log.warning("a part was refused", link=link.id, part=outbound.token, reason=str(error))
            await self._save(replace(attempt, state=PartState.DEAD, error=str(error)))
            return
        await self._sent(attempt, remote_id)

    async def _outbound(self, link: Link, part: Part) -> OutboundPart | None:
        """Gather what the bridge needs; None when the message is gone."""
        async with self._store.read() as unit:
            message = await unit.messages.get(part.message_id)
            if message is None or message.deleted_at is not None:
                return None
            root = message.parent_id
            thread = [] if root is None else await unit.relay.pairs_of_message(link.id, root)
            newest = part.sent_after or await unit.relay.newest_remote(link.id)
        author = self._directory.principal(message.author_id)
        return OutboundPart(
            token=f"{part.message_id}:{part.number}",
            remote_channel=link.remote_channel,
            author_name=message.author_display or (author.display_name if author else None) or message.author_name,
            author_avatar_url=_avatar(message.metadata),
            text=part.text,
            thread_id=thread[0].remote_id if thread else None,
            sent_after=newest,
        )

    async def _sent(self, part: Part, remote_id: str) -> None:
        sent = replace(part, state=PartState.SENT, remote_id=remote_id, error=None)
        pair = Pair(part.link_id, part.message_id, part.number, remote_id, inbound=False, created_at=self._clock())

        async def work(unit: Unit) -> None:
            await unit.relay.save_part(sent)
            await unit.relay.add_pair(pair)

        await self._store.write(work)

    async def _save(self, part: Part) -> None:
        async def work(unit: Unit) -> None:
            await unit.relay.save_part(part)

        await self._store.write(work)

    def _flag(self, link_id: str) -> asyncio.Event:
        return self._woken.setdefault(link_id, asyncio.Event())


def backoff(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row: doubling from half a second, with jitter."""
    longest = min(MAX_BACKOFF_SECONDS, 0.5 * 2.0 ** min(failures, 10))
    return random.uniform(0.5, 1.0) * longest  # noqa: S311 - jitter, no secret


def _avatar(metadata: dict[str, Any]) -> str | None:
    url = metadata.get("avatar_url")
    return url if isinstance(url, str) and url.startswith("https://") else None


async def _sleep_until(flag: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(flag.wait(), seconds)
    except TimeoutError:
        return
