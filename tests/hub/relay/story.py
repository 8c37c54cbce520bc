"""Slack and the hub as one world: what is the same on both sides when everything is at rest."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from html import unescape

from tests.fakes.slack import FakeSlack
from tests.hub.relay.hub import Hub, Line
from tests.waiting import SECONDS

PLACE = "#general"


@dataclass
class Story:
    """Both sides of the link."""

    slack: FakeSlack
    hub: Hub

    async def connected(self) -> None:
        """Wait until the bridge listens and the link is there."""
        await self.slack.wait_for(lambda: len(self.slack.sockets.open) == 2, what="two sockets")
        await self.hub.linked()

    async def shown(self) -> list[Line]:
        """Return what people read in Slack."""
        return [
            Line(author, plain(text), plain(thread) if thread else None)
            for author, text, thread in self.slack.transcript(PLACE)
        ]

    async def said(self) -> int:
        """Return how many messages there are, counting each where it was written."""
        people = {person.shown for person in self.slack.workspace.users.values()}
        there = sum(line.author in people for line in await self.shown())
        return there + sum(line.author not in people for line in await self.hub.transcript())

    async def wait_hub(self, count: int, *, seconds: float = SECONDS) -> None:
        """Wait until the hub has so many messages."""
        deadline = time.monotonic() + seconds
        while len(await self.hub.transcript()) != count:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.02)
        assert len(await self.hub.transcript()) == count

    async def same_count(self, count: int, *, seconds: float = SECONDS) -> None:
        """Wait until both sides have so many messages, whose texts may differ."""
        await self.wait_hub(count, seconds=seconds)
        await self.slack.wait_for(lambda: len(self.slack.transcript(PLACE)) == count, timeout=seconds)

    async def same(self, count: int, *, seconds: float = SECONDS) -> None:
        """Wait until both sides have `count` messages, and see that they are the same, in order, none twice."""
        deadline = time.monotonic() + seconds
        while (len(await self.shown()), len(await self.hub.transcript())) != (count, count):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)  # what would come twice, comes now
        there, here = await self.shown(), await self.hub.transcript()
        assert Counter(there) == Counter(here)
        assert len(here) == count
        people = {person.shown for person in self.slack.workspace.users.values()}
        for side in (True, False):
            assert [it for it in there if (it.author in people) is side] == [
                it for it in here if (it.author in people) is side
            ]
        assert self.slack.violations == {}


def plain(text: str) -> str:
    """Return Slack's text without its escapes, and without what keeps a name from being a mention."""
    return unescape(text).replace("\u200b", "")
