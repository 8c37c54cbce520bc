"""P16: how long it takes from sending a mention until an agent's program is prompted with it."""

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from airchat import AirChatConfig, AsyncAirChatClient
from airchat.enrol import join
from airchat.identity import load_private_key
from runner.agent import Agent, Profile
from runner.clock import SystemClock
from runner.harness.command import CommandHarness
from runner.harness.port import Harness, Place, Session, Text
from runner.harness.scripted import ScriptedHarness
from runner.state import load_state
from tests.bench.benchmark import Figure, Setting
from tests.bench.percentiles import spread
from tests.bench.plan import ROOT
from tests.hub_process import UNLIMITED, HubProcess

_MENTIONS, _RATE = 500, 25.0
_COLD = 40
_WARM_SECONDS, _COLD_SECONDS = 1.0, 5.0
_NUMBER = re.compile(r"mention (\d+) ")
_SETTLE_SECONDS = 30.0

Prompted = dict[int, list[float]]


def measure(setting: Setting) -> list[Figure]:
    """Measure P16."""
    setting.say("waking an agent")
    with HubProcess(setting.folder, UNLIMITED) as hub:
        home = setting.folder / "box" / ".airchat"
        join(hub.invite("box"), hub.url, machine_name="box", home=home)
        config = AirChatConfig(hub.url, "box", load_private_key(home / "machine.key"), home=home)
        hub.command("people", "add", "ann")
        ann = AirChatConfig(hub.url, "", "", token=hub.admin("tokens", "create", "ann", "bench")["secret"], home=home)
        count = _MENTIONS // 10 if setting.quick else _MENTIONS
        return [
            asyncio.run(_warm(config, ann, count)),
            asyncio.run(_cold(config, ann, _COLD // 4 if setting.quick else _COLD)),
        ]


async def _warm(config: AirChatConfig, ann: AirChatConfig, count: int) -> Figure:
    """One session, mentions at a steady rate, more than one of which may go into a turn."""
    prompted: Prompted = {}

    def script(prompt: str) -> list[Text]:
        _note(prompt, prompted)
        return [Text("NO REPLY")]

    async with _running(config, ScriptedHarness(script), "channel"):
        sent = await _send(ann, count, 1 / _RATE, lambda: prompted)
    work = f"{count} mentions, {_RATE:g} a second, into a session that runs: sent to prompted"
    return _figure(work, _WARM_SECONDS, sent, prompted)


async def _cold(config: AirChatConfig, ann: AirChatConfig, count: int) -> Figure:
    """A session of its own for each mention, whose program must be started first."""
    prompted: Prompted = {}
    async with _running(config, _Watched(prompted), "thread"):
        sent = await _send(ann, count, 0.0, lambda: prompted)
    work = f"{count} mentions, each into a session whose program is started first: sent to prompted"
    return _figure(work, _COLD_SECONDS, sent, prompted)


class _Watched:
    """Starts a program for each session, and notes when it is prompted."""

    def __init__(self, prompted: Prompted) -> None:
        self._prompted = prompted
        program = [sys.executable, "-m", "tests.fakes.agents.command"]
        self._harness = CommandHarness(program, {"PYTHONPATH": str(ROOT)})

    async def start(self, place: Place, resume: str | None = None) -> Session:
        session = await self._harness.start(place, resume)
        prompt = session.prompt

        def noted(text: str) -> AsyncIterator[object]:
            _note(text, self._prompted)
            return prompt(text)

        session.prompt = noted  # type: ignore[method-assign,assignment] # a spy
        return session


@asynccontextmanager
async def _running(config: AirChatConfig, harness: Harness, scope: str) -> AsyncIterator[None]:
    started, folder = asyncio.Event(), config.home / "runner"
    async with AsyncAirChatClient(config, project="agent") as client:
        profile = Profile(folder, scope="channel" if scope == "channel" else "thread", progress=False)
        agent = Agent(client, harness, profile, load_state(folder), SystemClock())
        task = asyncio.create_task(agent.run(lambda _: started.set()))
        starting = asyncio.create_task(started.wait())
        await asyncio.wait([task, starting], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _send(ann: AirChatConfig, count: int, pause: float, prompted: Callable[[], Prompted]) -> dict[int, float]:
    """Send mentions, each after a pause; without one, each when the one before has come through."""
    sent: dict[int, float] = {}
    async with AsyncAirChatClient(ann) as client:
        for number in range(count):
            sent[number] = time.perf_counter()
            await client.send_message("general", f"@box-agent mention {number} of many")
            if pause:
                await asyncio.sleep(max(0.0, sent[number] + pause - time.perf_counter()))
            else:
                await _until(lambda number=number: number in prompted())  # type: ignore[misc] # the loop's own
        await _until(lambda: len(prompted()) == count)
        await asyncio.sleep(1.0)  # for what comes twice
    return sent


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + _SETTLE_SECONDS
    while not condition() and time.perf_counter() < deadline:  # noqa: ASYNC110 - a bench looks on from outside
        await asyncio.sleep(0.005)


def _note(prompt: str, prompted: Prompted) -> None:
    now = time.perf_counter()
    for number in _NUMBER.findall(prompt):
        prompted.setdefault(int(number), []).append(now)


def _figure(work: str, target: float, sent: dict[int, float], prompted: Prompted) -> Figure:
    times = spread([prompted[number][0] - at for number, at in sent.items() if number in prompted])
    missed = len(sent) - len(prompted)
    twice = sum(count > 1 for count in Counter({number: len(at) for number, at in prompted.items()}).values())
    return Figure(
        "P16",
        work,
        f"p95 <= {target:g} s, 0 missed, 0 twice",
        f"p95 {times['p95'] * 1000:.0f} ms (p50 {times['p50'] * 1000:.0f}, most {times['most'] * 1000:.0f}); "
        f"{missed} missed, {twice} twice",
        met=times["p95"] <= target and not missed and not twice,
        detail={"times": times},
    )
