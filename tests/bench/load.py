"""The load generator, a process of its own: reads a plan from standard input, prints the outcome."""

import asyncio
import itertools
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator

import uvloop

from tests.bench.irc.plan import Server
from tests.bench.irc.wire import Client, connect
from tests.bench.percentiles import spread
from tests.bench.plan import Outcome, Plan
from tests.bench.wire import Follower, Poster, address, post, post_head

_TEXT = "measures how long the hub takes to store this message, to index its words and to tell everybody"
_NUMBER = re.compile(rb"bench-message (\d+) ")
_DRAIN_SECONDS = 10.0


def requests(plan: Plan) -> Iterator[bytes]:
    """Give message after message; each has its number in it, so that subscribers can tell them apart."""
    heads = [post_head(plan.url, token) for token in plan.tokens]
    for number in itertools.count():
        mention = f"@{plan.mentioned} " if number % plan.mention_every == 0 else ""
        channel = plan.channels[number % len(plan.channels)]
        content = f"bench-message {number} {mention}{_TEXT}"
        yield post(heads[number % len(heads)], {"channel": channel, "content": content})


class Load:
    """Sends as planned, and notes what comes back."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._requests = requests(plan)
        self._sent = 0
        self._statuses: Counter[int] = Counter()
        self._times: list[tuple[float, float]] = []
        self._due: dict[int, float] = {}
        self._arrivals: Counter[int] = Counter()
        self._delivered: dict[int, float] = {}
        self._waiting: deque[float] = deque()
        self._idle: list[Poster] = []
        self._begin = self._end = 0.0
        self._open = 0

    async def run(self) -> Outcome:
        """Connect, send until the time is over, and wait for the last answers."""
        followers = await self._follow()
        listeners = await self._listen()
        posters = [await self._connect() for _ in range(self._plan.connections)]
        self._begin = time.perf_counter() + self._plan.warmup
        self._end = self._begin + self._plan.seconds
        used = time.process_time()
        if self._plan.rate is None:
            self._open = len(posters)
            for poster in posters:
                self._send(poster, time.perf_counter())
        else:
            self._idle = posters
            await self._keep_rate(self._plan.rate)
        await asyncio.sleep(max(0.0, self._end - time.perf_counter()))
        used = time.process_time() - used
        await self._drain()
        for poster in posters:
            poster.close()
        for follower in followers:
            follower.close()
        for listener in listeners:
            listener.close()
        return self._outcome(used)

    async def _follow(self) -> list[Follower]:
        host, port = address(self._plan.stream_url or self._plan.url)
        followers = []
        for index in range(self._plan.streams):
            token = self._plan.tokens[index % len(self._plan.tokens)]
            follower = Follower(self._plan.stream_url, token, self._arrived)
            await asyncio.get_running_loop().create_connection(lambda it=follower: it, host, port)  # type: ignore[misc]
            await asyncio.wait_for(follower.greeted.wait(), _DRAIN_SECONDS)
            followers.append(follower)
        return followers

    async def _listen(self) -> list[Client]:
        tokens = self._plan.tokens
        server = Server(self._plan.irc_port, 0, [f"listener-{number}" for number in range(len(tokens))], tokens)
        names = ",".join(f"#{name}" for name in self._plan.channels)
        listeners = [await connect(server, number, names) for number in range(self._plan.irc)]
        for listener in listeners:
            await listener.sync()
            listener.arrived = self._heard
        return listeners

    async def _connect(self) -> Poster:
        host, port = address(self._plan.url)
        _, poster = await asyncio.get_running_loop().create_connection(lambda: Poster(self._answered), host, port)
        return poster

    async def _keep_rate(self, rate: float) -> None:
        start = time.perf_counter()
        for number in itertools.count():
            due = start + number / rate
            if due >= self._end:
                return
            delay = due - time.perf_counter()
            if delay > 0:
                await asyncio.sleep(delay)
            if self._idle:
                self._open += 1
                self._send(self._idle.pop(), due)
            else:
                self._waiting.append(due)

    def _send(self, poster: Poster, due: float) -> None:
        number = self._sent
        self._sent += 1
        self._due[number] = due
        poster.send(next(self._requests), due, number)

    def _answered(self, poster: Poster, status: int) -> None:
        now = time.perf_counter()
        if self._begin <= now < self._end:
            self._statuses[status] += 1
            self._times.append((poster.due, now - poster.due))
        if self._plan.rate is None and now < self._end and status:
            self._send(poster, now)
        elif self._waiting and status:
            self._send(poster, self._waiting.popleft())
        else:
            self._open -= 1
            self._idle.append(poster)

    def _arrived(self, _: Follower, data: bytes) -> None:
        self._note(data)

    def _note(self, data: bytes) -> None:
        now = time.perf_counter()
        for found in _NUMBER.findall(data):
            number = int(found)
            self._arrivals[number] += 1
            self._delivered[number] = now

    def _heard(self, _: Client, data: bytes, _count: int) -> None:
        self._note(data)

    async def _drain(self) -> None:
        deadline = time.perf_counter() + _DRAIN_SECONDS
        while time.perf_counter() < deadline and (self._open or self._missing()):  # noqa: ASYNC110 - twice or so
            await asyncio.sleep(0.05)

    def _missing(self) -> int:
        subscribers = self._plan.streams + self._plan.irc
        return sum(self._arrivals[number] < subscribers for number in self._due) if subscribers else 0

    def _outcome(self, used: float) -> Outcome:
        answered = sum(self._statuses.values())
        good = sum(count for status, count in self._statuses.items() if 200 <= status < 300)
        counted = [n for n, due in self._due.items() if self._begin <= due < self._end and n in self._delivered]
        return Outcome(
            answered=answered,
            rate=good / self._plan.seconds,
            errors=answered - good + self._open,
            latency=spread([latency for _, latency in self._times]),
            cpu=used / (self._plan.seconds + self._plan.warmup),
            delivery=spread([self._delivered[n] - self._due[n] for n in counted]) if self._plan.streams else None,
            missing=self._missing(),
            detail={"statuses": {str(status): count for status, count in self._statuses.items()}},
        )


if __name__ == "__main__":
    sys.stdout.write(uvloop.run(Load(Plan.parse(sys.stdin.read())).run()).text())
