"""The supervisor: keeps every agent of the settings at work, each as if it were alone, until it is told to stop."""

import asyncio
import logging
from pathlib import Path

from airchat import AirChatConflict, AirChatError
from airchat.identity import default_home
from runner.agent import Agent
from runner.assembly import connect, folder_of, profile
from runner.backoff import Backoff
from runner.clock import Clock
from runner.config import SettingsError
from runner.harness.open import open_harness
from runner.harness.port import HarnessError
from runner.lock import AgentLock, Held
from runner.settings import Settings
from runner.state import load_state
from runner.status import Status, write_status

STANDBY_SECONDS = 2.0
"""How often it is tried to take over from another runner on this machine."""

SEAT_SECONDS = 5.0
"""How often it is tried to take over from one on another machine."""

LOOK_SECONDS = 1.0
"""How often an agent that waits for its next try looks whether this machine was enrolled meanwhile."""

_EXPECTED = (AirChatError, HarnessError, SettingsError)

_log = logging.getLogger(__name__)


class Supervisor:
    """Runs the agents of one settings file."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._agents: dict[str, Agent] = {}
        self._standing_by: set[str] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep all agents at work until `stop`; then let turns end, for a while."""
        tasks = [asyncio.create_task(self._keep(name), name=f"agent {name}") for name in self._settings.agents]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*(agent.drain(self._settings.runner.stop_seconds) for agent in self._agents.values()))
        finally:
            for task in (stopping, *tasks):
                task.cancel()
            await asyncio.wait([stopping, *tasks])
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _keep(self, name: str) -> None:
        """Run one agent for ever; what fails is tried again, later and later."""
        folder = folder_of(self._settings, name)
        lock = await self._turn_comes(name, folder)
        backoff = Backoff()
        try:
            while True:
                begun, enrolled = self._clock.steady(), _enrolled()
                try:
                    await self._work(name, folder)
                except Exception as error:  # noqa: BLE001 - whatever ails one agent, the others work on
                    reason = _told(name, error)
                    if any(isinstance(leaf, AirChatConflict) for leaf in _leaves(error)):
                        await self._stand_by(name, folder, reason)
                        continue
                if self._clock.steady() - begun > backoff.longest:
                    backoff.reset()
                self._standing_by.discard(name)
                delay = backoff.next()
                _log.error("%s: %s; again in %.0f s", name, reason, delay)
                self._say(folder, Status("failed", self._clock.now(), detail=reason))
                if await self._change(enrolled, delay):
                    backoff.reset()
        finally:
            self._say(folder, Status("stopped", self._clock.now()))
            lock.release()

    async def _change(self, enrolled: object, seconds: float) -> bool:
        """Wait, at most so long, until this machine was enrolled, or once more; tells whether it was."""
        until = self._clock.steady() + seconds
        while (left := until - self._clock.steady()) > 0:
            if _enrolled() != enrolled:
                return True
            await self._clock.sleep(min(LOOK_SECONDS, left))
        return False

    async def _stand_by(self, name: str, folder: Path, reason: str) -> None:
        """Wait a little for the end of another session of the agent, such as on another machine; it is told once."""
        if name not in self._standing_by:
            self._standing_by.add(name)
            _log.warning("%s: %s; waiting for its end", name, reason)
            self._say(folder, Status("waiting", self._clock.now(), detail=reason))
        await self._clock.sleep(SEAT_SECONDS)

    async def _turn_comes(self, name: str, folder: Path) -> AgentLock:
        """Return once no other runner works as the agent."""
        lock, told = AgentLock(folder), False
        while True:
            try:
                lock.acquire()
            except Held as error:
                if not told:
                    _log.warning("%s: %s works as this agent; waiting for its end", name, error)
                told = True
                await self._clock.sleep(STANDBY_SECONDS)
            else:
                return lock

    async def _work(self, name: str, folder: Path) -> None:
        if name not in self._standing_by:
            self._say(folder, Status("starting", self._clock.now()))
        state = load_state(folder)
        harness = open_harness(self._settings.agents[name], folder)
        client = connect(self._settings, name)

        def started(agent_name: str) -> None:
            self._standing_by.discard(name)
            _log.info("%s is at work as %s", name, agent_name)
            self._say(folder, Status("at work", self._clock.now(), agent_name))

        async with client:
            agent = Agent(client, harness, profile(self._settings, name), state, self._clock)
            self._agents[name] = agent
            try:
                await agent.run(started)
            finally:
                del self._agents[name]

    def _say(self, folder: Path, status: Status) -> None:
        write_status(folder, status)


def _enrolled() -> tuple[int, int] | None:
    """Return what tells one enrolment of this machine from another; None without any."""
    try:
        found = (default_home() / "config").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _told(name: str, error: BaseException) -> str:
    """Return why an agent failed, in one line; what nobody expects is logged in full."""
    leaves = list(dict.fromkeys(_leaves(error)))
    if not all(isinstance(leaf, _EXPECTED) for leaf in leaves):
        _log.error("%s failed", name, exc_info=error)
    return "; ".join(dict.fromkeys(str(leaf) or type(leaf).__name__ for leaf in leaves))


def _leaves(error: BaseException) -> list[BaseException]:
    """Return the exceptions within groups of groups."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
