"""Schedules: prompts at times of their own, whose answers go to a channel.

Each remembers when it was last due and dealt with; one that was under way when the runner was killed is due again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from airchat.identity import make_private_folder
from runner.clock import Clock
from runner.cron import Times
from runner.errand import Errand
from runner.state import State, Target

LATE_SECONDS = 60.0
"""What is taken up later than so long after its time was missed, as by a machine that slept."""

LONGEST_SECONDS = 30.0
"""How long to wait at most before the clock is looked at again: it may have been set, or the machine have slept."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A prompt at times. Those missed while nobody ran are made up for once, or skipped; the newest one counts."""

    name: str
    prompt: str
    channel: str
    times: Times
    told: str
    missed: Literal["once", "skip"] = "once"


class Pauses:
    """Which schedules are paused: a file for each in the agent's folder, which the command writes as well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "paused"

    def __contains__(self, name: str) -> bool:
        """Tell whether a schedule is paused."""
        return (self._folder / name).exists()

    def set(self, name: str, *, paused: bool) -> None:
        """Pause a schedule or let it go on."""
        if paused:
            make_private_folder(self._folder)
            (self._folder / name).touch(mode=0o600)
        else:
            (self._folder / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """A schedule as people see it; `due` is when it is due next (Unix time), if it is."""

    schedule: Schedule
    paused: bool
    due: float | None


class Schedules:
    """The schedules of one agent; `give` takes the errand when one is due."""

    def __init__(
        self,
        schedules: Sequence[Schedule],
        state: State,
        clock: Clock,
        give: Callable[[Errand], None] = lambda _: None,
    ) -> None:
        self._schedules = {schedule.name: schedule for schedule in schedules}
        self._state = state
        self._pauses = Pauses(state.path.parent)
        self._clock = clock
        self._give = give
        self._given: dict[str, float] = {}

    async def run(self) -> None:
        """Give errands when they are due, for ever; without schedules, end."""
        for name in self._schedules:
            self._state.schedules.setdefault(name, self._clock.now())
        self._state.save()
        while self._schedules:
            now = self._clock.now()
            coming = [due for each in self._schedules.values() if (due := self._next(each)) is not None]
            await self._clock.sleep(max(0.0, min([*coming, now + LONGEST_SECONDS]) - now))
            for schedule in self._schedules.values():
                self._look(schedule)

    def pause(self, name: str, *, paused: bool) -> bool:
        """Pause a schedule or let it go on; tells whether there is such a schedule."""
        if name in self._schedules:
            self._pauses.set(name, paused=paused)
        return name in self._schedules

    def list(self) -> list[Listed]:
        """Return each schedule with what is to come of it."""
        return [
            Listed(each, each.name in self._pauses, None if each.name in self._pauses else self._next(each))
            for each in self._schedules.values()
        ]

    def _next(self, schedule: Schedule) -> float | None:
        known = (self._state.schedules.get(schedule.name), self._given.get(schedule.name))
        last = max((moment for moment in known if moment is not None), default=self._clock.now())
        return schedule.times.after(last)

    def _look(self, schedule: Schedule) -> None:
        """Give the errand if it is due. Of several times that were missed, only the newest one counts."""
        now, due = self._clock.now(), self._next(schedule)
        if due is None or due > now:
            return
        while (later := schedule.times.after(due)) is not None and later <= now:
            due = later
        self._given[schedule.name] = due
        late = now - due > LATE_SECONDS and schedule.missed == "skip"
        if late or schedule.name in self._pauses:
            _log.info("the schedule %s is %s this time", schedule.name, "too late" if late else "paused")
            self._state.schedules[schedule.name] = due
            self._state.save()
            return
        name, target = f"schedule:{schedule.name}", Target(schedule.channel)
        self._give(Errand(f"{name}:{due:.0f}", name, target, prompt=schedule.prompt, due=(schedule.name, due)))
