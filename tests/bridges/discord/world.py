"""Discord and a hub: what is the same on both sides when everything is at rest."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from tests.fakes.discord import FakeDiscord
from tests.hub.relay.hub import Hub, Line
from tests.waiting import SECONDS

PLACE = "#general"


@dataclass
class World:
    """Both sides of the link."""

    discord: FakeDiscord
    hub: Hub

    async def connected(self) -> None:
        """Wait until the bridge listens and the link is there."""
        await self.discord.wait_for(lambda: self.discord.connected and self.hub.relay.links.all(), what="a session")

    def shown(self) -> list[Line]:
        """Return what people read in Discord."""
        return [Line(author, text, thread) for author, text, thread, _ in self.discord.transcript(PLACE)]

    async def wait_hub(self, count: int, *, seconds: float = SECONDS) -> None:
        """Wait until the hub has so many messages."""
        deadline = time.monotonic() + seconds
        while len(await self.hub.transcript()) != count:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.02)
        assert len(await self.hub.transcript()) == count, await self.hub.transcript()

    async def same(self, count: int, *, seconds: float = SECONDS) -> None:
        """Wait until both sides have `count` messages, and see that they are the same, in order, none twice."""
        deadline = time.monotonic() + seconds
        while (len(self.shown()), len(await self.hub.transcript())) != (count, count):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.4)  # what would come twice, comes now
        there, here = self.shown(), await self.hub.transcript()
        assert Counter(there) == Counter(here)
        assert len(here) == count
        people = {user.shown for user in self.discord.guild.users.values()}
        for side in (True, False):
            assert [it for it in there if (it.author in people) is side] == [
                it for it in here if (it.author in people) is side
            ]
        assert not self.discord.limits.broken, self.discord.limits.broken
