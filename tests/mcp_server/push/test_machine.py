"""Push, whatever happens: sessions that are busy, gone or end, a hub that is away or loses answers, time that passes.

What is promised is checked after each step: what is acknowledged was seen by a session, and nothing is shown twice, be
it to one session or to two, but for what a session saw in its last moment. In the end, everything was seen.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from airchat import AirChatClient, AirChatConnectionError, AirChatError
from airchat.protocol.inbox import InboxState
from airchat.protocol.timestamps import SECOND
from airchat.testing import FakeHub
from airchat.wake import Wakes
from mcp_server.push.pusher import AGAIN, LEASE, NOTED, Pusher
from mcp_server.push.transcript import Transcript
from tests.mcp_server.push.conftest import Clock

MENTIONS = 9
"""Fewer than a new session is told of at once."""


@dataclass
class Link:
    """What lies between the agent and its hub."""

    away: bool = False
    loses: bool = False

    def guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(*given: Any, **more: Any) -> Any:
            if self.away:
                raise AirChatConnectionError("The hub cannot be reached.", sent=False)
            answer = call(*given, **more)
            if self.loses:
                self.loses = False
                raise AirChatConnectionError("The answer was lost.", sent=True)
            return answer

        return through


@dataclass
class Session:
    """Claude Code: what comes while it is busy waits, and is written down as waiting."""

    path: Path
    busy: bool = False
    gone: bool = False
    waiting: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    way: str = "a way"
    silent: bool = False

    def push(self, text: str) -> None:
        if self.gone:
            raise ConnectionRefusedError("gone")
        self.waiting.append(text)
        self._write("queue-operation", text)
        self.read()

    def read(self) -> None:
        """Show the model what waits, unless it is busy."""
        while self.waiting and not self.busy:
            text = self.waiting.pop(0)
            self.seen.append(text)
            self._write("user", text)

    def _write(self, kind: str, text: str) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"type": kind, "message": text}) + "\n")


class PushMachine(RuleBasedStateMachine):
    """An agent with at most two sessions at a time."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock, self.link, self.room = Clock(1_000_000.0), Link(), FakeHub()
        self.room.state.clock = lambda: round(self.clock() * SECOND)
        self.time = patch("time.time", self.clock)
        self.time.start()
        self.ann = self.room.client("ann")
        self.room.client("me")
        self.count, self.excused = 0, set[int]()
        self.all: list[Session] = []
        self.live: list[tuple[Session, Pusher]] = []
        self.open()

    @precondition(lambda self: len(self.live) < 2)
    @rule()
    def open(self) -> None:
        """A session begins."""
        name = f"s{len(self.all)}"
        projects = Path(self.folder.name) / "projects"
        (projects / "-shop").mkdir(parents=True, exist_ok=True)
        session = Session(projects / "-shop" / f"{name}.jsonl")
        session.path.touch()
        pusher = Pusher(
            self.client(),
            session,
            Transcript(projects, name),
            self.clock(),
            wakes=Wakes(Path(self.folder.name), "fake-me", name),
            clock=self.clock,
        )
        self.all.append(session)
        self.live.append((session, pusher))

    def client(self) -> AirChatClient:
        client = self.room.client("me")
        for name in ("take_inbox", "ack_inbox"):
            setattr(client, name, self.link.guarded(getattr(client, name)))
        return client

    @precondition(lambda self: self.count < MENTIONS)
    @rule()
    def mention(self) -> None:
        self.ann.send_message("general", f"@fake-me number {self.count}.")
        self.count += 1
        for _, pusher in self.live:
            pusher.heard()

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1))
    def step(self, which: int) -> None:
        _, pusher = self.live[which % len(self.live)]
        try:
            pusher.step()
        except (AirChatError, OSError):
            pusher.wake.clear()

    @rule(seconds=st.sampled_from([1, int(LEASE) + 1, int(AGAIN[0]) + 1, int(AGAIN[0]) + 1]))
    def wait(self, seconds: int) -> None:
        """Time passes; sessions that live look now and then, and the hub hands out again what nobody acknowledged."""
        for _ in range(0, seconds, 30):
            self.clock.now += min(seconds, 30)
            for id, item in self.room.state.inbox.items():
                due = (item.delivered_at or 0) < (self.clock() - LEASE) * SECOND
                if item.state is InboxState.DELIVERED and due:
                    self.room.state.inbox[id] = replace(item, state=InboxState.QUEUED)
            for which in range(len(self.live)):
                self.step(which)

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1))
    def work(self, which: int) -> None:
        """A session becomes busy, or has done, and reads what came meanwhile."""
        session, _ = self.live[which % len(self.live)]
        session.busy = not session.busy
        session.read()

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1))
    def refuse(self, which: int) -> None:
        """A session takes nothing, or takes something again."""
        session, _ = self.live[which % len(self.live)]
        session.gone = not session.gone

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1))
    def end(self, which: int) -> None:
        """A session ends, with what it has not read, and before it can say what it has."""
        session, _ = self.live.pop(which % len(self.live))
        session.waiting.clear()
        waiting = [item for item in self.room.state.inbox.values() if item.state is not InboxState.ACKED]
        self.excused |= {self.number(item.message_id) for item in waiting} & self.seen().keys()

    @rule(away=st.booleans(), loses=st.booleans())
    def disturb(self, away: bool, loses: bool) -> None:
        self.link.away, self.link.loses = away, loses

    @invariant()
    def what_is_acknowledged_was_seen(self) -> None:
        seen = self.seen()
        for item in self.room.state.inbox.values():
            if item.state is InboxState.ACKED:
                assert seen[self.number(item.message_id)], "acknowledged, and nobody saw it"

    @invariant()
    def nothing_is_shown_twice(self) -> None:
        assert {number for number, times in self.seen().items() if times > 1} <= self.excused

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.time.stop()
            self.folder.cleanup()

    def settle(self) -> None:
        """All goes well again: everything that was said is seen, and acknowledged."""
        self.link.away = self.link.loses = False
        if not self.live:
            self.open()
        for session, pusher in self.live:
            session.gone = session.busy = False
            session.read()
            pusher.heard()
        for _ in range(6):
            self.wait(int(NOTED) + 1)
        self.nothing_is_shown_twice()
        assert self.seen().keys() == set(range(self.count))
        assert {item.state for item in self.room.state.inbox.values()} <= {InboxState.ACKED}

    def seen(self) -> Counter[int]:
        texts = "\n".join(text for session in self.all for text in session.seen)
        return Counter(number for number in range(self.count) for _ in range(texts.count(f"number {number}.")))

    def number(self, message_id: str | None) -> int:
        return int(self.room.state.messages[message_id or ""].content.split()[-1].rstrip("."))


TestPush = PushMachine.TestCase
TestPush.settings = settings(stateful_step_count=30)
