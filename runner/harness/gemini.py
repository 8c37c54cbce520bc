"""Gemini CLI: `gemini -o stream-json` for each turn, which asks nobody.

Its events are those of packages/core/src/output/types.ts. MCP servers are named in a settings file of the agent's own,
which Gemini puts over all others.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from airchat.identity import make_private_folder, write_private
from runner.harness.command import count
from runner.harness.port import Done, Event, PermissionMode, Place, Stop, Text, ToolCall, ToolResult, Usage
from runner.harness.turns import Invocation

APPROVAL: dict[PermissionMode, str] = {
    "default": "default",
    "dontAsk": "default",
    "plan": "plan",
    "acceptEdits": "auto_edit",
    "bypassPermissions": "yolo",
}
"""What each permission mode lets Gemini do; without anybody to ask, what it would ask about is refused."""


class Gemini:
    """The dialect; `folder` is where its settings file is written."""

    def __init__(
        self,
        folder: Path,
        program: Sequence[str] = ("gemini",),
        model: str = "",
        permission_mode: PermissionMode = "dontAsk",
        allowed_tools: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._program = program
        self._model = model
        self._approval = APPROVAL[permission_mode]
        self._allowed_tools = allowed_tools

    def invocation(self, place: Place, session_id: str | None) -> Invocation:
        """Return how it is started; it reads the prompt from standard input."""
        options = ["--skip-trust", "-o", "stream-json", "--approval-mode", self._approval]
        if self._model:
            options += ["-m", self._model]
        if self._allowed_tools:
            options += ["--allowed-tools", ",".join(self._allowed_tools)]
        if session_id:
            options += ["-r", session_id]
        return Invocation([*self._program, *options], {"GEMINI_CLI_SYSTEM_SETTINGS_PATH": str(self._settings(place))})

    def reader(self) -> "GeminiReader":
        """Return a reader for one turn."""
        return GeminiReader()

    def _settings(self, place: Place) -> Path:
        servers = {
            server.name: {"command": server.command, "args": list(server.args), "env": dict(server.env), "trust": True}
            for server in place.mcp_servers
        }
        path = self._folder / "gemini-settings.json"
        make_private_folder(self._folder)
        write_private(path, json.dumps({"mcpServers": servers}, indent=1))
        return path


class GeminiReader:
    """Reads one turn. What the model says comes in pieces, and is told when it has finished."""

    def __init__(self) -> None:
        self.session_id: str | None = None
        self._said = ""
        self._model: str | None = None

    def read(self, row: dict[str, Any]) -> Sequence[Event]:
        """Return what a line tells of."""
        match row:
            case {"type": "init", "session_id": str(session)}:
                self.session_id = session
                self._model = row.get("model")
            case {"type": "message", "role": "assistant", "content": str(text)}:
                if row.get("delta"):
                    self._said += text
                    return []
                return [*self._text(), Text(text)]
            case {"type": "tool_use", "tool_name": str(name)}:
                given = row.get("parameters")
                call = ToolCall(str(row.get("tool_id", "")), name, given if isinstance(given, dict) else {})
                return [*self._text(), call]
            case {"type": "tool_result"}:
                return [ToolResult(str(row.get("tool_id", "")), failed=row.get("status") != "success")]
            case {"type": "result"}:
                return [*self._text(), *self._end(row)]
            case _:
                pass
        return []

    def _text(self) -> list[Event]:
        said, self._said = self._said, ""
        return [Text(said)] if said.strip() else []

    def _end(self, row: dict[str, Any]) -> list[Event]:
        stats = row.get("stats") or {}
        cached = count(stats.get("cached"))
        fresh = max(0, count(stats.get("input_tokens")) - cached)  # its count of input includes what was cached
        usage = Usage(fresh, count(stats.get("output_tokens")), cached, model=self._model)
        if row.get("status") == "success":
            return [usage, Done(Stop.END)]
        return [usage, Done(Stop.FAILED, str((row.get("error") or {}).get("message", "")))]
