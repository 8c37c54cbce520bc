"""A storm: everybody talks in every channel, while connections break, platforms ask for patience, and the hub dies."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.e2e.bridges.world import HUB, PLATFORMS, Link, World

PLACES = (*PLATFORMS, HUB)
_RETRY_SECONDS = 1
_CALM_SECONDS = 1.0
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Storm:
    """So many `channels`, each linked everywhere, in which each place says `each` messages within `seconds`.

    Slack and Discord answer so many `refusals` (429) in a row; rest is waited for with some `patience` (seconds).
    """

    channels: int
    each: int
    seconds: float
    patience: float
    refusals: int

    @property
    def names(self) -> list[str]:
        """The channels."""
        return [f"storm-{number}" for number in range(self.channels)]

    @property
    def links(self) -> list[Link]:
        """What the hub is told to link."""
        return [Link(channel, platform) for channel in self.names for platform in PLATFORMS]

    @property
    def from_each(self) -> int:
        """How many messages each place writes."""
        return self.channels * self.each

    async def rage(self, it: World) -> "Outcome":
        """Let it happen, wait until all is at rest, and say what became of it."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for place in PLACES:
                group.create_task(self._talk(it, place))
            group.create_task(self._break(it))
        talked = time.monotonic()
        count = self.each * len(PLACES)

        def differences() -> list[str]:
            return [text for channel in self.names for text in it.differences(count, channel)]

        await it.settled(lambda: it.busy or differences(), self.patience)
        await asyncio.sleep(_CALM_SECONDS)  # what would come twice, comes now
        return Outcome(differences(), it.broken_limits(), talked - began, time.monotonic() - talked - _CALM_SECONDS)

    async def _talk(self, it: World, place: str) -> None:
        began = time.monotonic()
        for number in range(self.from_each):
            due = began + self.seconds * number / self.from_each
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await it.say(place, f"{place} {number}", self.names[number % self.channels])

    async def _break(self, it: World) -> None:
        """Break one thing after the other: ten disconnects, three ends of the hub, and a time of refusals."""
        events = _events(it, self.refusals)
        for strike in events:
            await asyncio.sleep(self.seconds / (len(events) + 1))
            await strike()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What differs at rest, and which rate limits were broken; how long the talk took, and how long until rest."""

    differences: list[str]
    broken_limits: list[str]
    talk_seconds: float
    rest_seconds: float


def _events(it: World, refusals: int) -> list[Callable[[], Awaitable[None]]]:
    def now(strike: Callable[[], None]) -> Callable[[], Awaitable[None]]:
        async def struck() -> None:
            strike()

        return struck

    async def killed() -> None:
        await it.kill()
        await it.begin()

    async def stopped() -> None:
        await it.stop()
        await it.begin()

    def refused() -> None:
        it.slack.faults.rate_limit("chat.postMessage", retry_after=_RETRY_SECONDS, times=refusals)
        it.discord.faults.rate_limit("POST /webhooks/*", retry_after=_RETRY_SECONDS, times=refusals)

    slack, gateway = it.slack.sockets, it.discord.gateway
    return [
        now(slack.cut),
        now(gateway.cut),
        killed,
        now(it.irc.cut),
        now(refused),
        now(gateway.invalidate),
        now(slack.disconnect),
        stopped,
        now(it.irc.cut),
        now(gateway.reconnect),
        now(slack.cut),
        killed,
        now(it.irc.cut),
        now(gateway.cut),
    ]
