"""A harness for any program that speaks a small protocol of JSON lines, which docs/runner.md describes."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from runner.harness.child import Child
from runner.harness.port import (
    Broken,
    Done,
    Event,
    Permission,
    PermissionRequest,
    Place,
    Session,
    Stop,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)


class CommandHarness:
    """Starts `command` for each session; it stays as long as the session is open."""

    def __init__(self, command: Sequence[str], env: dict[str, str] | None = None) -> None:
        self._command = command
        self._env = env or {}

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session; see the port. Whether one can be resumed shows at the first prompt."""
        child = await Child.start(self._command, place.cwd, self._env)
        session = CommandSession(child, place, resume)
        await session.send(
            "start",
            resume=resume,
            instructions=place.instructions,
            mcp_servers=[
                {"name": server.name, "command": server.command, "args": list(server.args), "env": dict(server.env)}
                for server in place.mcp_servers
            ],
        )
        return session


class CommandSession:
    """One running program."""

    def __init__(self, child: Child, place: Place, session_id: str | None) -> None:
        self._child = child
        self._place = place
        self._id = session_id
        self._rows = child.rows()

    @property
    def id(self) -> str | None:
        """What the program calls its session."""
        return self._id

    async def send(self, kind: str, **fields: Any) -> None:
        """Write a line."""
        await self._child.write(json.dumps({"type": kind, **fields}) + "\n")

    async def prompt(self, text: str) -> AsyncIterator[Event]:
        """Give what the program tells until it is done."""
        await self.send("prompt", text=text)
        async for row in self._rows:
            match row.get("type"):
                case "session":
                    self._id = str(row.get("id") or "") or None
                case "unknown":
                    raise Unknown(str(row.get("detail") or "the program does not know the session"))
                case "permission":
                    yield await self._ask(row)
                case _:
                    event = event_of(row)
                    if event is not None:
                        yield event
                    if isinstance(event, Done):
                        return
        raise Broken(await self._child.epitaph())

    async def cancel(self) -> None:
        """Tell the program to stop."""
        await self.send("cancel")

    async def close(self) -> None:
        """End the program."""
        await self._child.end()

    async def _ask(self, row: dict[str, Any]) -> Permission:
        given = row.get("input")
        request = PermissionRequest(str(row.get("tool") or "?"), given if isinstance(given, dict) else {})
        verdict = await self._place.ask(request)
        await self.send("permission", id=row.get("id"), allowed=verdict.allowed, reason=verdict.reason)
        return Permission(request, verdict.allowed)


def event_of(row: dict[str, Any]) -> Event | None:
    """Return the event that a row tells of; None for what is not known."""
    match row:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "tool_call", "name": str(name)}:
            given = row.get("input")
            return ToolCall(str(row.get("id", "")), name, given if isinstance(given, dict) else {})
        case {"type": "tool_result"}:
            return ToolResult(str(row.get("id", "")), failed=row.get("failed") is True)
        case {"type": "usage"}:
            return usage_of(row)
        case {"type": "done"}:
            known = {stop.value for stop in Stop}
            stop = str(row.get("stop", Stop.END))
            return Done(Stop(stop) if stop in known else Stop.END, str(row.get("detail", "")))
        case _:
            return None


def usage_of(row: dict[str, Any]) -> Usage:
    """Return what a row with `input_tokens`, `output_tokens`, `cost` and `model` says, as far as it does."""
    cost, model = row.get("cost"), row.get("model")
    return Usage(
        count(row.get("input_tokens")),
        count(row.get("output_tokens")),
        count(row.get("cache_read_tokens")),
        count(row.get("cache_creation_tokens")),
        float(cost) if isinstance(cost, int | float) else None,
        model if isinstance(model, str) else None,
    )


def count(value: object) -> int:
    """Return a number of tokens, 0 where none is given."""
    return max(0, value) if isinstance(value, int) else 0
