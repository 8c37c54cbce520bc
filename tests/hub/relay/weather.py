"""Weather: a loopback bridge whose platform fails in every way that platforms are known to."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Intake, LinkedChannel, Names, RawEvent
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import NotReady, OutcomeUnknown

Outward = Literal["before", "after", "slow down"]
"""A call fails before it is made, after it was made, or is put off."""

Inward = Literal["twice", "swapped", "missed", "cut"]
"""An event comes twice, after the next one, not at all with the connection going soon after; or the connection goes."""


@dataclass
class Weather:
    """What goes wrong next."""

    outward: deque[Outward] = field(default_factory=deque)
    inward: deque[Inward] = field(default_factory=deque)

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self.outward.clear()
        self.inward.clear()


class WeatherBridge(LoopbackBridge):
    """A bridge in the weather."""

    def __init__(self, rooms: LoopbackPlatform, platform: str, weather: Weather) -> None:
        super().__init__(rooms, platform)
        self._weather = weather

    async def run(self, intake: Intake, desk: Desk) -> None:
        await super().run(_Storm(intake, self._weather), desk)

    async def post(self, post: outbound.Post, names: Names) -> str:
        fault = self._fault()
        remote_id = await super().post(post, names)
        _after(fault)
        return remote_id

    async def change(self, change: outbound.Change, names: Names) -> None:
        fault = self._fault()
        await super().change(change, names)
        _after(fault)

    def _fault(self) -> Outward | None:
        fault = self._weather.outward.popleft() if self._weather.outward else None
        if fault in {"before", "slow down"}:
            raise NotReady("not now", 0.01 if fault == "slow down" else None)
        return fault


def _after(fault: Outward | None) -> None:
    if fault == "after":
        raise OutcomeUnknown("the answer was lost")


class _Storm:
    """An intake between which and the bridge things go wrong."""

    def __init__(self, intake: Intake, weather: Weather) -> None:
        self._intake = intake
        self._weather = weather
        self._held: RawEvent | None = None
        self._cut_after = -1

    async def accept(self, event: RawEvent) -> None:
        fault = self._weather.inward.popleft() if self._weather.inward else None
        if fault == "missed":
            self._cut_after = 1
            return
        if fault == "swapped" and self._held is None:
            self._held = event
            self._cut_after = 2  # what is held for ever came before a connection that broke
            return
        await self._intake.accept(event)
        if fault == "twice":
            await self._intake.accept(event)
        held, self._held = self._held, None
        if held is not None:
            await self._intake.accept(held)
        self._cut_after -= 1
        if fault == "cut" or self._cut_after == 0:
            raise NotReady("the connection was cut", 0.01)

    def listening(self) -> None:
        self._intake.listening()

    def seen(self) -> None:
        self._intake.seen()

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        await self._intake.save_cursor(channel, cursor)

    async def close(self, what: str, seconds: float) -> None:
        await self._intake.close(what, seconds)

    def closed_for(self, what: str) -> float:
        return self._intake.closed_for(what)
