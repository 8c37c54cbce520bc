"""Port: a harness, which is a program that works on prompts. Shaped after the Agent Client Protocol's sessions.

HarnessError
├── NotStarted    the program cannot be started; more of the same will not help until somebody repairs it
├── Broken        the program ended, or its answer broke off, within a prompt
├── Unavailable   the program runs, but its model gave no answer; it may later
└── Unknown       the session to resume is not known any more
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol

PermissionMode = Literal["default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"]
"""What an agent may do unasked, in Claude Code's words; each harness says what it makes of them."""


class HarnessError(Exception):
    """The harness failed; the text says how, in one line."""


class NotStarted(HarnessError):
    """The program cannot be started."""


class Broken(HarnessError):
    """The program ended, or its answer broke off, before the prompt was done."""


class Unavailable(HarnessError):
    """The model is overloaded, out of reach, or refuses for now."""


class Unknown(HarnessError):
    """The session to resume is not known any more."""


class Stop(StrEnum):
    """Why a prompt is done. `FAILED` is for what may go well next time, such as a model that is overloaded."""

    END = "end"
    CANCELLED = "cancelled"
    LIMIT = "limit"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Text:
    """What the agent says. With several in a prompt, the last one after all tools is its answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The agent uses a tool."""

    id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What became of a tool call."""

    id: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """Somebody was asked whether a tool may run, and answered."""

    request: "PermissionRequest"
    allowed: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What a prompt has cost; `cost` is in US dollars, None where nobody knows."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0
    cost: float | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The prompt is done: the last of its events. `detail` says what went wrong, in one line."""

    stop: Stop
    detail: str = ""


Event = Text | ToolCall | ToolResult | Permission | Usage | Done


@dataclass(frozen=True, slots=True)
class PermissionRequest:
    """The agent wants to use a tool that it may not use unasked; `input` is exactly what would run."""

    tool: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a request; `reason` is told to the agent when it is no."""

    allowed: bool
    reason: str = ""


Ask = Callable[[PermissionRequest], Awaitable[Verdict]]
"""Asks people; takes as long as they take, and is no when nobody answers in time."""


@dataclass(frozen=True, slots=True)
class McpServer:
    """An MCP server that the program starts for the agent. `env` may hold secrets: it belongs on no command line."""

    name: str
    command: str
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session works, with what, and whom it asks. `instructions` go before everything it is told."""

    cwd: Path
    ask: Ask
    mcp_servers: Sequence[McpServer] = ()
    instructions: str = ""


class Session(Protocol):
    """One conversation with the program. One prompt at a time."""

    @property
    def id(self) -> str | None:
        """What `Harness.start` resumes it by; None while the program has not said."""
        ...

    def prompt(self, text: str) -> AsyncIterator[Event]:
        """Give what happens until the prompt is done, `Done` last.

        Raises:
            Broken: the program ended before; nothing else can be done with the session but to close it.
        """
        ...

    async def cancel(self) -> None:
        """Let the running prompt end soon; without one, do nothing. May be called from any task."""
        ...

    async def close(self) -> None:
        """End the program, whatever it does. May be called from any task, and again."""
        ...


class Harness(Protocol):
    """A kind of program, set up for one agent."""

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session, or go on with an earlier one.

        Raises:
            NotStarted: the program cannot be started.
            Unknown: there is no session to resume by that name; programs that find out later raise it from `prompt`.
        """
        ...
