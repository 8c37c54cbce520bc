"""Links: which hub channel is tied to which channel of a platform."""

import asyncio
import logging
from dataclasses import replace

from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.ids import new_id
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.contract.bridge import RemoteChannel
from hub.relay.rules import Rules
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit

DIRECTIONS = ("both", "in", "out")
_FOLLOW_SECONDS = 2.0

_log = logging.getLogger(__name__)


class Links:
    """The links, kept in memory as they are in the store."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._links: dict[str, Link] = {}
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read all links."""
        async with self._lock:
            async with self._store.read() as unit:
                links = await unit.relay.links()
            self._links = {link.id: link for link in links}

    async def follow(self) -> None:
        """Keep up with what other processes change, for ever; while the store is away, what was known holds."""
        while True:
            try:
                await self.load()
            except Exception:  # noqa: BLE001 - the relay says what is wrong with the store
                _log.debug("the links could not be read", exc_info=True)
            await asyncio.sleep(_FOLLOW_SECONDS)

    def all(self, platform: str | None = None) -> list[Link]:
        """Return the links, or those of one platform, oldest first."""
        return [link for link in self._links.values() if platform in (None, link.platform)]

    def get(self, link_id: str) -> Link | None:
        """Return the link with that id."""
        return self._links.get(link_id)

    def public(self, link: Link) -> bool:
        """Tell whether the link's hub channel is there, and not private by now: then nothing of it is mirrored."""
        channel = self._directory.channel(link.channel_id)
        return channel is not None and not channel.private

    def open(self, link: Link) -> bool:
        """Tell whether anything goes over a link now; what happens while it is paused waits."""
        return not link.paused and self.public(link)

    def of_channel(self, channel_id: str) -> list[Link]:
        """Return where a hub channel is mirrored."""
        return [link for link in self._links.values() if link.channel_id == channel_id]

    def of_remote(self, platform: str, workspace: str, remote_channel: str) -> Link | None:
        """Return the link of a platform's channel."""
        wanted = (platform, workspace, remote_channel)
        return next(
            (it for it in self._links.values() if (it.platform, it.workspace, it.remote_channel) == wanted), None
        )

    async def add(
        self,
        channel_name: str,
        platform: str,
        workspace: str,
        remote: RemoteChannel,
        *,
        direction: str = "both",
        rules: Rules | None = None,
        source: str,
    ) -> Link:
        """Tie a public hub channel to a remote one; the same link again only gets the new direction and rules.

        Raises:
            InvalidInput: the direction is none, or one of the channels is private.
            NotFound: there is no such hub channel.
            Conflict: the remote channel is linked to another hub channel.
        """
        check_direction(direction)
        channel = await self._directory.find_channel(channel_name)
        if channel is None:
            raise NotFound(f"No channel named {channel_name!r}")
        if channel.private:
            raise InvalidInput("private conversations are never linked", "channel")
        if remote.private:
            raise InvalidInput(f"{remote.name} is private, and private channels are never linked", "remote")
        link = self.of_remote(platform, workspace, remote.id)
        if link is None or link.channel_id != channel.id:
            now = self._clock()
            link = Link(new_id(now), channel.id, platform, workspace, remote.id, now)
        row = (rules or Rules()).row()
        wanted = replace(link, direction=direction, rules=row, source=source, remote_name=remote.name)
        return wanted if self._links.get(link.id) == wanted else await self._save(wanted)

    async def change(self, link_id: str, direction: str, rules: Rules) -> None:
        """Give a link another direction and other rules.

        Raises:
            NotFound: there is no such link.
        """
        link = self._known(link_id)
        wanted = replace(link, direction=direction, rules=rules.row())
        if wanted != link:
            await self._save(wanted)

    async def pause(self, link_id: str, *, paused: bool) -> Link:
        """Stop or resume sending and receiving over a link; what happens meanwhile waits.

        Raises:
            NotFound: there is no such link.
        """
        return await self._save(replace(self._known(link_id), paused=paused))

    async def rename(self, link_id: str, name: str) -> None:
        """Note how people there call the remote channel now."""
        link = self._links.get(link_id)
        if link is not None:
            await self._save(replace(link, remote_name=name))

    async def remove(self, link_id: str) -> None:
        """Untie the channels; what was queued for the link goes, what was sent stays known.

        Raises:
            NotFound: there is no such link.
        """
        self._known(link_id)

        async def work(unit: Unit) -> None:
            await unit.relay.delete_link(link_id)

        async with self._lock:
            await self._store.write(work)
            self._links.pop(link_id, None)

    def _known(self, link_id: str) -> Link:
        link = self._links.get(link_id)
        if link is None:
            raise NotFound(f"No link with the id {link_id!r}")
        return link

    async def _save(self, link: Link) -> Link:
        async def work(unit: Unit) -> None:
            await unit.relay.save_link(link)

        async with self._lock:
            await self._store.write(work)
            self._links[link.id] = link
        return link


def check_direction(direction: str) -> None:
    """Do nothing when that is a direction.

    Raises:
        InvalidInput: it is none.
    """
    if direction not in DIRECTIONS:
        raise InvalidInput(f"direction must be one of {', '.join(DIRECTIONS)}", "direction")
