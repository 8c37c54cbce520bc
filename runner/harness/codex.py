"""Codex CLI: `codex exec --json` for each turn, which asks nobody; a sandbox is what holds it.

Its events are those of codex-rs/exec/src/exec_events.rs. What MCP servers need in their environment they read from
files of their owner's: it belongs neither on the command line, which everybody on the machine can read, nor into the
environment of Codex, which is that of the commands it runs. What it tells at a turn's end is the sum of its whole
session, so the sums are kept in a file.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from airchat.identity import make_private_folder, write_private
from runner.harness.command import count
from runner.harness.port import Done, Event, McpServer, PermissionMode, Place, Stop, Text, ToolCall, ToolResult, Usage

SANDBOX: dict[PermissionMode, str] = {
    "default": "read-only",
    "dontAsk": "read-only",
    "plan": "read-only",
    "acceptEdits": "workspace-write",
    "bypassPermissions": "danger-full-access",
}
"""What each permission mode lets Codex do."""

_SESSIONS = 500
_TOOLS = {"command_execution": "Bash", "file_change": "Edit", "web_search": "WebSearch"}


class Codex:
    """The dialect; `folder` is where it keeps files, `program` how it is started, `model` empty for its default."""

    def __init__(
        self,
        folder: Path,
        program: Sequence[str] = ("codex",),
        model: str = "",
        permission_mode: PermissionMode = "dontAsk",
    ) -> None:
        self._folder = folder
        self._sums = Sums(folder / "codex-usage.json")
        self._program = program
        self._model = model
        self._sandbox = SANDBOX[permission_mode]

    def command(self, place: Place, session_id: str | None) -> Sequence[str]:
        """Return how it is started; it reads the prompt from standard input, as `-` says."""
        options = {
            "approval_policy": "never",
            "sandbox_mode": self._sandbox,
            **{name: value for server in place.mcp_servers for name, value in self._server(server)},
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={json.dumps(value)}")]
        model = ["-m", self._model] if self._model else []
        resume = ["resume", session_id] if session_id else []
        return [*self._program, "exec", "--json", "--skip-git-repo-check", *model, *settings, *resume, "-"]

    def reader(self) -> "CodexReader":
        """Return a reader for one turn."""
        return CodexReader(self._sums)

    def _server(self, server: McpServer) -> Iterator[tuple[str, Any]]:
        """Give the settings of an MCP server, and write the file with its environment."""
        path, at = self._folder / f"codex-{server.name}.env", f"mcp_servers.{server.name}"
        make_private_folder(self._folder)
        write_private(path, "".join(f"export {name}={shlex.quote(text)}\n" for name, text in server.env.items()))
        yield f"{at}.command", "sh"
        yield f"{at}.args", ["-c", '. "$0" && exec "$@"', str(path), server.command, *server.args]
        yield f"{at}.required", True  # else its first call races the server's start
        yield f"{at}.default_tools_approval_mode", "approve"  # else tools that write are refused, as nobody is asked


class Sums:
    """The tokens that each session has taken so far: input, of that cached, output."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sums: dict[str, list[int]] = {}
        with suppress(OSError, ValueError):  # without them a session's next turn counts as all that it has taken
            self._sums = json.loads(path.read_text("utf-8"))

    def since(self, session: str, sums: list[int]) -> list[int]:
        """Return what a session took since it was last asked about, and note what it has taken by now."""
        before = self._sums.pop(session, [0, 0, 0])
        self._sums = dict([*self._sums.items(), (session, sums)][-_SESSIONS:])
        with suppress(OSError):
            make_private_folder(self._path.parent)
            write_private(self._path, json.dumps(self._sums))
        return [max(0, now - then) for now, then in zip(sums, before, strict=True)]


class CodexReader:
    """Reads one turn."""

    def __init__(self, sums: Sums) -> None:
        self.session_id: str | None = None
        self._sums = sums

    def read(self, row: dict[str, Any]) -> Sequence[Event]:
        """Return what a line tells of."""
        match row:
            case {"type": "thread.started", "thread_id": str(thread)}:
                self.session_id = thread
            case {"type": "item.started", "item": dict(item)} if item.get("type") in {
                "command_execution",
                "mcp_tool_call",
            }:
                return [_call(item)]
            case {"type": "item.completed", "item": dict(item)}:
                return _completed(item)
            case {"type": "turn.completed"}:
                return [self._usage(row.get("usage") or {}), Done(Stop.END)]
            case {"type": "turn.failed", "error": dict(error)}:
                return [Done(Stop.FAILED, str(error.get("message", "")))]
            case _:
                pass
        return []

    def _usage(self, usage: dict[str, Any]) -> Usage:
        sums = [count(usage.get(name)) for name in ("input_tokens", "cached_input_tokens", "output_tokens")]
        given, cached, made = self._sums.since(self.session_id or "", sums)
        return Usage(max(0, given - cached), made, cached)  # its count of input includes what was cached


def _completed(item: dict[str, Any]) -> list[Event]:
    match item.get("type"):
        case "agent_message":
            return [Text(str(item.get("text", "")))]
        case "command_execution" | "mcp_tool_call":
            return [ToolResult(str(item.get("id", "")), failed=item.get("status") != "completed")]
        case "file_change" | "web_search":
            return [_call(item), ToolResult(str(item.get("id", "")), failed=item.get("status") == "failed")]
        case _:
            return []


def _call(item: dict[str, Any]) -> ToolCall:
    kind = str(item.get("type"))
    name = f"mcp__{item.get('server')}__{item.get('tool')}" if kind == "mcp_tool_call" else _TOOLS[kind]
    given = (
        item.get("arguments")
        if kind == "mcp_tool_call"
        else {key: item[key] for key in ("command", "changes", "query") if key in item}
    )
    return ToolCall(str(item.get("id", "")), name, given if isinstance(given, dict) else {})
