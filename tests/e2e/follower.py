"""A subscriber of the event stream that knows nothing but the protocol: it resumes from the last id it read."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import aiohttp

from airchat.stream import CONTROL, EventParser
from tests.e2e.callers import AWAY, PAUSE_SECONDS, Caller, cancelled, until


@dataclass
class Follower:
    """Follows the log for ever; with `cuts`, it hangs up after so many bytes (from, to), in the middle of a frame.

    `seen` are the events in the order of their arrival, `connections` how often it connected.
    """

    caller: Caller
    cuts: tuple[int, int] | None = None
    last_id: int | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0

    async def run(self) -> None:
        """Follow, and come back whenever the connection ends."""
        while True:
            try:
                await self._connect()
            except AWAY:
                await asyncio.sleep(PAUSE_SECONDS)

    async def reach(self, seq: int) -> None:
        """Wait until the follower is at `seq`.

        Raises:
            TimeoutError: it does not get there.
        """
        await until(lambda: (self.last_id or 0) >= seq)

    @property
    def seqs(self) -> list[int]:
        """The numbers of the events seen."""
        return [event["seq"] for event in self.seen]

    @property
    def messages(self) -> list[tuple[int, str]]:
        """Number and id of the messages seen."""
        return [(event["seq"], event["data"]["id"]) for event in self.seen if event["kind"] == "message.created"]

    def check_order(self) -> None:
        """Assert that what arrived was in the order of the log, each event once."""
        assert all(before < after for before, after in pairwise(self.seqs))

    async def _connect(self) -> None:
        headers = {"x-agent-api-key": self.caller.key}
        if self.last_id is not None:
            headers["Last-Event-ID"] = str(self.last_id)
        line = self.caller.line
        async with line.session.get(
            f"{line.url}/api/v2/stream", headers=headers, timeout=aiohttp.ClientTimeout(total=None)
        ) as response:
            response.raise_for_status()
            self.connections += 1
            await self._read(response)

    async def _read(self, response: aiohttp.ClientResponse) -> None:
        parser = EventParser()
        left = random.randint(*self.cuts) if self.cuts else None
        async for chunk in response.content.iter_any():
            for event in parser.feed(chunk[:left]):
                if event.id:
                    self.last_id = int(event.id)
                if event.data and event.event not in CONTROL:
                    self.seen.append(json.loads(event.data))
            if left is not None:
                left -= len(chunk)
                if left <= 0:
                    return


@asynccontextmanager
async def following(*followers: Follower) -> AsyncIterator[None]:
    """Run the followers, and come back when each is connected."""
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    with cancelled(*tasks):
        await until(lambda: all(follower.last_id is not None for follower in followers))
        yield
        assert not any(task.done() for task in tasks), [task.exception() for task in tasks if task.done()]
    await asyncio.gather(*tasks, return_exceptions=True)
