"""P17 and P18: how soon a message is seen on other platforms, and what is left of many after a storm."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.bench.benchmark import Figure, Setting
from tests.bench.percentiles import spread
from tests.e2e.bridges.storm import PLACES, Outcome, Storm
from tests.e2e.bridges.world import PLATFORMS, Link, World, world
from tests.fakes.discord.events import Event as Dispatch
from tests.fakes.irc_network.network import Event

_MESSAGES, _CHANNELS, _RATE = 200, 10, 4.0
"""Slack and Discord take so many in each channel without anybody having to wait."""
_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0
_STORM, _QUICK_STORM = Storm(40, 25, 120.0, 1_200.0, 20), Storm(4, 10, 20.0, 240.0, 8)
_TOLD = 10
"""So many broken limits are told one by one."""
_NUMBER = re.compile(r"message (\d+) of many")


def latency(setting: Setting) -> list[Figure]:
    """Measure P17."""
    setting.say("bridging a message")
    return asyncio.run(_latency(setting, _MESSAGES // 10 if setting.quick else _MESSAGES))


def storm(setting: Setting) -> list[Figure]:
    """Measure P18."""
    plan = _QUICK_STORM if setting.quick else _STORM
    setting.say(f"bridging {plan.from_each:,} messages of each place in a storm")

    async def run() -> Outcome:
        async with world(setting.folder, plan.links) as it:
            return await plan.rage(it)

    return [_storm_figure(plan, asyncio.run(run()))]


@dataclass
class _Watch:
    """Somebody on a platform who notes when each message is shown there; on IRC, a client."""

    nick: str = "watch"
    seen: dict[int, list[float]] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Note the time, if it is one of ours."""
        found = _NUMBER.search(text)
        if found:
            self.seen.setdefault(int(found[1]), []).append(time.perf_counter())

    def hear(self, event: Event) -> None:
        """Hear a line on IRC."""
        self.note(" ".join(event.params))

    def take(self, event: Dispatch) -> None:
        """See what happens on Discord."""
        if event.name == "MESSAGE_CREATE":
            self.note(event.body["content"])


async def _latency(setting: Setting, count: int) -> list[Figure]:
    names = [f"lane-{number}" for number in range(_CHANNELS)]
    links = [Link(channel, platform) for channel in names for platform in PLATFORMS]
    async with world(setting.folder, links) as it:
        discord, irc = _Watch(), _Watch()
        it.discord.guild.listeners.append(discord.take)
        for channel in names:
            it.irc.network.channel(f"#{channel}").receivers.append(irc)
            await it.say("slack", "the first one makes what is needed for those behind it", channel)
        await it.settled(lambda: it.busy or any(it.differences(1, channel) for channel in names))
        sent = await _send(it, names, count)
        await it.settled(lambda: len(discord.seen) < count or len(irc.seen) < count, _PATIENCE_SECONDS)
        await asyncio.sleep(1.0)  # for what comes twice
    return [_latency_figure("Discord", sent, discord), _latency_figure("an IRC network", sent, irc)]


async def _send(it: World, channels: list[str], count: int) -> dict[int, float]:
    sent: dict[int, float] = {}
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / _RATE - time.perf_counter()))
        sent[number] = time.perf_counter()
        await it.say("slack", f"message {number} of many", channels[number % len(channels)])
    return sent


def _latency_figure(place: str, sent: dict[int, float], watch: _Watch) -> Figure:
    times = spread([watch.seen[number][0] - at for number, at in sent.items() if number in watch.seen])
    missed = len(sent) - len(watch.seen)
    twice = sum(count > 1 for count in Counter({number: len(at) for number, at in watch.seen.items()}).values())
    return Figure(
        "P17",
        f"{len(sent)} messages, {_RATE:g} a second, written in Slack: sent by Slack to shown on {place}",
        f"p95 <= {_SECONDS:g} s, 0 missed, 0 twice",
        f"p95 {times['p95'] * 1000:.0f} ms (p50 {times['p50'] * 1000:.0f}, most {times['most'] * 1000:.0f}); "
        f"{missed} missed, {twice} twice",
        met=times["p95"] <= _SECONDS and not missed and not twice,
        detail={"times": times},
    )


def _storm_figure(plan: Storm, outcome: Outcome) -> Figure:
    from_each = plan.from_each
    broken = outcome.broken_limits
    which = f" ({'; '.join(broken[:_TOLD])})" if broken else ""
    differ = f"{len(outcome.differences)} transcripts differ" if outcome.differences else "all read the same, in order"
    times = f"{outcome.talk_seconds:.0f} s of talk, at rest {outcome.rest_seconds:.0f} s on"
    return Figure(
        "P18",
        f"{from_each:,} messages from each of {len(PLACES)} places to all others, in {plan.channels} channels: "
        f"10 disconnects, {plan.refusals} refusals (429) in a row, 3 restarts (2 of them kill -9)",
        "0 lost, 0 twice, 0 echoes, in order; 0 limits broken",
        f"{differ}; {len(broken)} limits broken{which}; {times}",
        met=not outcome.differences and not broken,
        detail={"differences": outcome.differences, "broken_limits": broken},
    )
