"""Traffic: calls that are long under way, a platform that stands still now and then, and a hub that is killed."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hub.relay.contract.platform import Call
from hub.relay.pace import REMEMBERED_SECONDS, Pace
from tests.virtual_time import now

_DELAYS = (0.0, 0.0, 0.01, 0.05, 0.3, 1.0, 3.0)
_DOWN_SECONDS = 0.3


@dataclass
class Way:
    """The way to a platform. Whoever is killed has its call arrive at once, or never."""

    chance: random.Random
    stands_until: float = 0.0

    async def call(self, arrive: Callable[[], None]) -> None:
        """Make a call."""
        if self.chance.random() < 0.02:
            self.stands_until = max(self.stands_until, now() + self.chance.uniform(0.5, 4.0))
        try:
            await asyncio.sleep(max(self._delay(), self.stands_until - now()))
        except asyncio.CancelledError:
            if self.chance.random() < 0.5:
                arrive()
            raise
        arrive()
        await asyncio.sleep(self._delay())

    def _delay(self) -> float:
        return self.chance.choice(_DELAYS) * self.chance.random()


@dataclass
class Killed:
    """A hub whose lanes always have something to do, and which knows, killed or not, what its store knows."""

    make_pace: Callable[[], Pace]
    chance: random.Random
    recorded: dict[str, list[float]] = field(default_factory=dict)
    sending: set[str] = field(default_factory=set)

    async def live(self, seconds: float, channels: list[str], act: "Act", *, most_starts: int) -> None:
        """Work for so long, killed and started again meanwhile."""
        ends = now() + seconds
        for start in range(most_starts):
            pace = self.make_pace()
            self._recall(pace)
            lanes = [asyncio.create_task(self._work(pace, channel, act)) for channel in channels]
            left = ends - now()
            await asyncio.sleep(left if start == most_starts - 1 else self.chance.uniform(0.0, left / 2))
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
            await asyncio.sleep(_DOWN_SECONDS)

    async def _work(self, pace: Pace, channel: str, act: "Act") -> None:
        while True:
            call = act.choose()
            async with pace.turn(call, channel):
                post = call in {Call.POST, Call.FILE}
                if post:
                    self.sending.add(channel)
                await act.make(call, channel)
            if post:
                self.recorded.setdefault(channel, []).append(now())
                self.sending.discard(channel)
            await asyncio.sleep(self.chance.choice([0.0, 0.0, 0.0, 0.1, 2.0]))

    def _recall(self, pace: Pace) -> None:
        for channel in self.sending:
            self.recorded.setdefault(channel, []).append(now())  # it is looked for, and found now
        self.sending.clear()
        for channel, moments in self.recorded.items():
            pace.recall(channel, [now() - at for at in moments if now() - at < REMEMBERED_SECONDS])


@dataclass(frozen=True)
class Act:
    """What lanes do: which call is next, and how it is made."""

    choose: Callable[[], Call]
    make: Callable[[Call, str], Awaitable[None]]
