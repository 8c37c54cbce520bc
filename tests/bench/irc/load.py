"""The load generator for IRC, a process of its own: reads a plan from standard input, prints the outcome."""

import asyncio
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import uvloop

from tests.bench.irc.plan import Outcome, Plan
from tests.bench.irc.wire import Client, connect
from tests.bench.percentiles import spread

_TEXT = "measures how long it takes until this line has reached everybody who is in the channel with its author"
_NUMBER = re.compile(rb"bench-message (\d+) ")
_AT_ONCE = 32
_DRAIN_SECONDS = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Channel:
    """One who speaks, and who listens."""

    def __init__(self, name: str, speaker: Client, listeners: list[Client], window: int) -> None:
        self._name = name
        self._speaker = speaker
        self._size = len(listeners)
        self._window = window
        self.sent = 0
        self.received = 0
        self.speaking = False

    def arrived(self, _: Client, _data: bytes, count: int) -> None:
        """Count lines, and say more once half of the window is free."""
        self.received += count
        if self.speaking and 2 * (self.sent * self._size - self.received) <= self._window * self._size:
            self.fill()

    def fill(self) -> None:
        """Say as much as the window lets."""
        free = self._window - (self.sent * self._size - self.received) // self._size
        self._speaker.send(b"".join(self.line(self.sent + number) for number in range(free)))
        self.sent += free

    def line(self, number: int) -> bytes:
        """Return a message with its number."""
        return f"PRIVMSG {self._name} :bench-message {number} {_TEXT}\r\n".encode()

    def say(self, number: int) -> None:
        """Say one message."""
        self._speaker.send(self.line(number))
        self.sent += 1

    @property
    def missing(self) -> int:
        """How many lines have not arrived."""
        return self.sent * self._size - self.received


class Load:
    """Lets clients connect, speak as planned, and counts what arrives."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._channels: list[Channel] = []
        self._due: list[float] = []
        self._latencies: list[float] = []
        self._counting = 0.0

    async def run(self) -> Outcome:
        """Do it."""
        plan = self._plan
        await self._gather()
        begin = time.perf_counter()
        if plan.rate is None:
            for channel in self._channels:
                channel.speaking = True
                channel.fill()
            await asyncio.sleep(plan.warmup)
        else:
            self._counting = begin + plan.warmup
        counted, begin, used = self._received(), time.perf_counter(), cpu_seconds(plan.server.pid)
        own = time.process_time()
        if plan.rate is None:
            await asyncio.sleep(plan.seconds)
        else:
            await self._keep_rate(plan.rate)
        taken = time.perf_counter() - begin
        deliveries = (self._received() - counted) / taken
        used, own = cpu_seconds(plan.server.pid) - used, time.process_time() - own
        await self._drain()
        return Outcome(
            deliveries,
            sum(channel.missing for channel in self._channels),
            used / taken,
            own / taken,
            spread(self._latencies) if plan.rate else None,
        )

    async def _gather(self) -> None:
        """Connect everybody, some at once, and wait until all have seen all others come."""
        plan, slots = self._plan, asyncio.Semaphore(_AT_ONCE)

        async def enter(number: int) -> Client:
            async with slots:
                return await connect(plan.server, number, f"#bench-room-{number % plan.channels}")

        clients = await asyncio.gather(*(enter(number) for number in range(plan.channels * (plan.receivers + 1))))
        await asyncio.gather(*(client.sync() for client in clients))
        await asyncio.gather(*(client.sync() for client in clients))
        for place in range(plan.channels):
            speaker, *listeners = clients[place :: plan.channels]
            channel = Channel(f"#bench-room-{place}", speaker, listeners, plan.window)
            for listener in listeners:
                listener.arrived = channel.arrived if plan.rate is None else self._timed(channel)
            self._channels.append(channel)

    def _timed(self, channel: Channel) -> Callable[[Client, bytes, int], None]:
        def arrived(client: Client, data: bytes, count: int) -> None:
            now = time.perf_counter()
            channel.arrived(client, data, count)
            for found in _NUMBER.findall(data):
                due = self._due[int(found)]
                if due >= self._counting:
                    self._latencies.append(now - due)

        return arrived

    async def _keep_rate(self, rate: float) -> None:
        start = time.perf_counter()
        for number in range(int((self._plan.seconds + self._plan.warmup) * rate)):
            due = start + number / rate
            if (delay := due - time.perf_counter()) > 0:
                await asyncio.sleep(delay)
            self._due.append(due)
            self._channels[number % len(self._channels)].say(number)

    def _received(self) -> int:
        return sum(channel.received for channel in self._channels)

    async def _drain(self) -> None:
        for channel in self._channels:
            channel.speaking = False
        deadline = time.perf_counter() + _DRAIN_SECONDS
        while time.perf_counter() < deadline and any(channel.missing for channel in self._channels):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    sys.stdout.write(uvloop.run(Load(Plan.parse(sys.stdin.read())).run()).text())
