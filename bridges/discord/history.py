"""History: the messages of channels and threads, page by page, and what of it was missed.

https://docs.discord.com/developers/resources/message#get-channel-messages
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airchat.protocol.timestamps import MINUTE
from bridges.discord import ids
from bridges.discord.errors import UNKNOWN_CHANNEL, Refusal, reading
from bridges.discord.events import message_events
from bridges.discord.guild import PUBLIC_THREAD, Guild
from bridges.discord.rest import Rest
from hub.relay.contract.bridge import Intake, LinkedChannel

PAGE = 100
_OVERLAP = 10 * MINUTE

Body = dict[str, Any]


class Pages:
    """Reads messages and threads."""

    def __init__(self, rest: Rest, guild: Guild) -> None:
        self._rest = rest
        self._guild = guild

    async def after(self, place: str, since: int, until: int | None = None) -> AsyncIterator[Body]:
        """Yield the messages of a channel or thread behind an id, up to one, oldest first; none when it is gone.

        Raises:
            BridgeError: it cannot be read.
        """
        async for page in self.pages(place, since):
            for body in page:
                if until is not None and int(body["id"]) > until:
                    return
                yield body

    async def pages(self, place: str, since: int) -> AsyncIterator[list[Body]]:
        """Yield the pages behind an id, oldest first, each sorted; none when the channel is gone.

        Raises:
            BridgeError: they cannot be read.
        """
        while True:
            with reading():
                try:
                    found = await self._rest.get(f"/channels/{place}/messages", after=since, limit=PAGE)
                except Refusal as error:
                    if error.code == UNKNOWN_CHANNEL:
                        return
                    raise
            page = sorted(found, key=lambda body: int(body["id"]))
            if page:
                yield page
                since = int(page[-1]["id"])
            if len(page) < PAGE:
                return

    async def before(self, place: str, until: int, count: int) -> list[Body]:
        """Return so many messages from before an id, oldest first.

        Raises:
            BridgeError: they cannot be read.
        """
        found: list[Body] = []
        while len(found) < count:
            limit = min(PAGE, count - len(found))
            with reading():
                page = await self._rest.get(f"/channels/{place}/messages", before=until, limit=limit)
            found += page
            if len(page) < limit:
                break
            until = min(int(body["id"]) for body in page)
        return sorted(found, key=lambda body: int(body["id"]))

    async def threads(self, home: str, since: int) -> list[str]:
        """Return the public threads of a channel in which something can have been written since an id, by id.

        Raises:
            BridgeError: Discord does not tell.
        """
        with reading():
            active = await self._rest.get(f"/guilds/{self._guild.id}/threads/active")
            found = [it for it in active["threads"] if it["parent_id"] == home]
            found += [thread async for thread in self._archived(home, since)]
        for thread in found:
            self._guild.learn_channel(thread)
        known = [it for it in found if self._guild.home(it["id"]) == home]
        fresh = (it["id"] for it in known if int(it.get("last_message_id") or it["id"]) > since)
        return sorted(set(fresh), key=int)

    async def _archived(self, home: str, since: int) -> AsyncIterator[Body]:
        """Yield threads archived since then, the last ones first; what was archived before has not been written in."""
        before: str | None = None
        while True:
            query: dict[str, str | int] = {"limit": PAGE} | ({"before": before} if before else {})
            page = await self._rest.get(f"/channels/{home}/threads/archived/public", **query)
            for thread in page["threads"]:
                before = thread["thread_metadata"]["archive_timestamp"]
                if ids.newest_before(ids.moment(str(before))) < since:
                    return
                if thread["type"] <= PUBLIC_THREAD:
                    yield thread
            if not page.get("has_more") or not page["threads"]:
                return


class History:
    """Reads linked channels up."""

    def __init__(self, pages: Pages, guild: Guild) -> None:
        self._pages = pages
        self._guild = guild

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> int:
        """Accept the messages of the channel and its threads since a while before its watermark, place by place.

        The overlap covers what a lost connection swallowed between two that arrived. What was read is saved after each
        page as `place:message`, and not read again when it was interrupted. Returns the id of the newest one.

        Raises:
            BridgeError: Discord cannot be read.
        """
        home = channel.remote_channel
        linked = ids.newest_before(channel.linked_at)
        if channel.watermark is None:
            since = linked
            await self._earlier(channel, linked, intake)
        else:
            since = max(linked, overlapped(ids.snowflake_of(channel.watermark)))
        forum = self._guild.is_forum(home)
        places = [*([] if forum else [home]), *await self._pages.threads(home, since)]
        done, _, reached = (channel.cursor or "").partition(":")
        if done in places:
            places = places[places.index(done) :]
        newest = since
        for place in places:
            start = max(since, int(reached)) if place == done else since
            async for page in self._pages.pages(place, start):
                await _accept(page, home, intake)
                await intake.save_cursor(channel, f"{place}:{page[-1]['id']}")
                newest = max(newest, int(page[-1]["id"]))
        return newest

    async def _earlier(self, channel: LinkedChannel, linked: int, intake: Intake) -> None:
        """Accept a few messages from before the channel was linked."""
        if channel.earlier and channel.cursor is None and not self._guild.is_forum(channel.remote_channel):
            page = await self._pages.before(channel.remote_channel, linked, channel.earlier)
            await _accept(page, channel.remote_channel, intake)


async def _accept(page: list[Body], home: str, intake: Intake) -> None:
    await asyncio.gather(*(intake.accept(event) for body in page for event in message_events(body, home)))


def overlapped(snowflake: int) -> int:
    """Return an id from a while before this one."""
    made_at = ids.made_at(str(snowflake))
    return ids.newest_before(max(0, made_at - _OVERLAP))
