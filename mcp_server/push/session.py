"""The sessions that can be pushed into, and how a session is found."""

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mcp_server.push.frames import frames

SECONDS = 5.0
"""How long a session may take to take what it is given."""


class Session(Protocol):
    """A running session of an agent, and the way into it: `way` says which that is.

    A `silent` one does not tell whether it takes what it is given.
    """

    @property
    def way(self) -> str:
        """How the session is reached, in words."""
        ...

    @property
    def silent(self) -> bool:
        """Whether it may drop what it is given without a word."""
        ...

    def push(self, text: str) -> None:
        """Put a text before the agent: at once when it is idle, else at its next step.

        Raises:
            OSError: the session did not take it.
        """
        ...


@dataclass(frozen=True, slots=True)
class InboxSocket:
    """Claude Code's inbox for messages of other sessions: a Unix socket whose address and token it tells its children.

    It takes lines of JSON and answers nothing; what it takes becomes a turn of the user's, marked as a peer's.
    """

    path: str
    token: str = field(repr=False)
    way: str = field(default="the session's inbox", init=False)
    silent: bool = field(default=False, init=False)

    def push(self, text: str) -> None:
        """Hand a text over."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(SECONDS)
            connection.connect(self.path)
            connection.sendall(frames(text, self.token))
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # it reads to the end and hangs up


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session runs: its id, whether somebody sits before it, and where its transcripts are."""

    id: str
    interactive: bool
    transcripts: Path


def find_place(environ: Mapping[str, str] | None = None) -> Place:
    """Return where the session that started this process runs; one that tells no id is told by this process."""
    known = os.environ if environ is None else environ
    home = Path(known.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude")
    session = known.get("CLAUDE_CODE_SESSION_ID") or f"process-{os.getpid()}"
    return Place(session, known.get("CLAUDE_CODE_ENTRYPOINT") == "cli", home / "projects")


def find_inbox(environ: Mapping[str, str] | None = None) -> InboxSocket | None:
    """Return the inbox of the session that started this process, if it has one and tells who it is."""
    known = os.environ if environ is None else environ
    path, session = known.get("CLAUDE_CODE_MESSAGING_SOCKET"), known.get("CLAUDE_CODE_SESSION_ID")
    if not path or not session or sys.platform == "win32":
        return None
    return InboxSocket(path, known.get("CLAUDE_CODE_MESSAGING_TOKEN", ""))
