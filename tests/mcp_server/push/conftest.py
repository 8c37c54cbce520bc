from dataclasses import dataclass, field
from pathlib import Path

import pytest

from airchat.testing import FakeHub
from mcp_server.push.pusher import Pusher
from mcp_server.push.transcript import Transcript


@dataclass
class FakeSession:
    """A session that keeps what it is given; while it is gone, it takes nothing."""

    texts: list[str] = field(default_factory=list)
    gone: bool = False
    way: str = "a way"
    silent: bool = False

    def push(self, text: str) -> None:
        if self.gone:
            raise ConnectionRefusedError("gone")
        self.texts.append(text)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def room() -> FakeHub:
    return FakeHub()


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transcripts(tmp_path: Path) -> Path:
    (tmp_path / "projects" / "-shop").mkdir(parents=True)
    return tmp_path / "projects"


@pytest.fixture
def pusher(room: FakeHub, session: FakeSession, clock: Clock, transcripts: Path) -> Pusher:
    """Pushes to the agent `fake-me`, who has nothing waiting yet."""
    pusher = Pusher(room.client("me"), session, Transcript(transcripts, "s1"), clock(), clock=clock)
    pusher.step()
    return pusher
