"""Claude Code, through claude-agent-sdk: one running program for each session, which asks before it uses tools."""

import json
import logging
import shutil
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import claude_agent_sdk as sdk
from claude_agent_sdk.types import CanUseToolShadowedWarning, PermissionResult, SettingSource, ToolPermissionContext

from airchat.identity import make_private_folder, write_private
from runner.harness.command import count
from runner.harness.port import (
    Broken,
    Done,
    Event,
    NotStarted,
    Permission,
    PermissionMode,
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

_NO_SESSION = "No conversation found"
_LIMITS = {"error_max_turns": "it took too many steps", "error_max_budget_usd": "it cost more than it may"}
_BUFFER_BYTES = 16 * 1024 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClaudeOptions:
    """How Claude Code is set up. `program` is empty for the one that is installed, else the one of the SDK.

    With `asks`, people are asked about tools that are not allowed, in a mode that asks: not in "dontAsk".
    """

    folder: Path
    program: str = ""
    model: str = ""
    permission_mode: PermissionMode = "dontAsk"
    allowed_tools: Sequence[str] = ()
    disallowed_tools: Sequence[str] = ()
    setting_sources: Sequence[SettingSource] = ()
    max_cost: float | None = None
    asks: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


class Claude:
    """Starts Claude Code."""

    def __init__(self, options: ClaudeOptions) -> None:
        self._options = options
        self._costs: dict[str, float] = {}

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session; see the port."""
        session = ClaudeSession(place, self._costs)
        client = sdk.ClaudeSDKClient(self._sdk_options(session, place, resume))
        try:
            with warnings.catch_warnings():
                # What is allowed unasked is meant to be.
                warnings.simplefilter("ignore", CanUseToolShadowedWarning)
                await client.connect()
        except sdk.ClaudeSDKError as error:
            with suppress(sdk.ClaudeSDKError):
                await client.disconnect()
            reason = session.reason(error)
            raise (Unknown if _NO_SESSION in reason else NotStarted)(reason) from error
        session.begin(client, resume)
        return session

    def _sdk_options(self, session: "ClaudeSession", place: Place, resume: str | None) -> sdk.ClaudeAgentOptions:
        own = self._options
        return sdk.ClaudeAgentOptions(
            cwd=place.cwd,
            cli_path=own.program or shutil.which("claude"),
            model=own.model or None,
            permission_mode=own.permission_mode,
            allowed_tools=list(own.allowed_tools),
            disallowed_tools=list(own.disallowed_tools),
            setting_sources=list(own.setting_sources),
            mcp_servers=self._mcp_config(place),
            strict_mcp_config=True,
            max_budget_usd=own.max_cost,
            system_prompt={"type": "preset", "preset": "claude_code", "append": place.instructions},
            resume=resume,
            env={**dict.fromkeys(("AIRCHAT_TOKEN",), ""), **own.env},
            stderr=session.complains,
            max_buffer_size=_BUFFER_BYTES,
            can_use_tool=session.may if own.asks else None,
        )

    def _mcp_config(self, place: Place) -> str:
        """Write which MCP servers there are into a file: on the command line everybody could read their secrets."""
        servers = {
            server.name: {
                "type": "stdio",
                "command": server.command,
                "args": list(server.args),
                "env": dict(server.env),
            }
            for server in place.mcp_servers
        }
        make_private_folder(self._options.folder)
        path = self._options.folder / "claude-mcp.json"
        write_private(path, json.dumps({"mcpServers": servers}, indent=1))
        return str(path)


class ClaudeSession:
    """One running Claude Code."""

    def __init__(self, place: Place, costs: dict[str, float]) -> None:
        """Work in a place; `costs` is what each session has cost so far, as far as it is known."""
        self._place = place
        self._costs = costs
        self._client: sdk.ClaudeSDKClient | None = None
        self._id: str | None = None
        self._cancelled = False
        self._resumed: str | None = None
        self._asked: list[Permission] = []
        self._complaints: list[str] = []

    def begin(self, client: sdk.ClaudeSDKClient, session_id: str | None) -> None:
        """Use the connected client."""
        self._client = client
        self._id = self._resumed = session_id

    @property
    def id(self) -> str | None:
        """Claude Code's own name for the session."""
        return self._id

    async def prompt(self, text: str) -> AsyncIterator[Event]:
        """Give what Claude Code tells until it is done."""
        if self._client is None:
            raise Broken("the session was closed")
        self._cancelled = False
        done = False
        try:
            await self._client.query(text)
            async for message in self._client.receive_response():
                for event in self._events(message):
                    done = done or isinstance(event, Done)
                    yield event
        except sdk.ClaudeSDKError as error:
            if not done:
                reason = self.reason(error)
                raise (Unknown if _NO_SESSION in reason else Broken)(reason) from error
        if not done:
            raise Broken(self.reason(None))

    async def cancel(self) -> None:
        """Interrupt the turn."""
        if self._client is not None:
            self._cancelled = True
            with suppress(sdk.ClaudeSDKError):
                await self._client.interrupt()

    async def close(self) -> None:
        """End the program."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(sdk.ClaudeSDKError):
                await client.disconnect()

    async def may(self, tool: str, given: dict[str, Any], _context: ToolPermissionContext) -> PermissionResult:
        """Ask whether a tool may be used; Claude Code calls this."""
        request = PermissionRequest(tool, given)
        verdict = await self._place.ask(request)
        self._asked.append(Permission(request, verdict.allowed))
        if verdict.allowed:
            return sdk.PermissionResultAllow(updated_input=given)
        return sdk.PermissionResultDeny(message=verdict.reason or "It was not allowed.")

    def complains(self, line: str) -> None:
        """Take a line that the program wrote to standard error."""
        _log.debug("claude: %s", line)
        self._complaints = [*self._complaints[-9:], line.strip()]

    def reason(self, error: Exception | None) -> str:
        """Return why it failed, in one line."""
        told = [line for line in self._complaints if line] or [str(error) if error else "Claude Code ended"]
        return told[-1].splitlines()[0][:300]

    def _events(self, message: object) -> Iterator[Event]:
        asked, self._asked = self._asked, []
        yield from asked
        match message:
            case sdk.AssistantMessage():
                self._id = message.session_id or self._id
                for block in message.content:
                    match block:
                        case sdk.TextBlock() if message.parent_tool_use_id is None and message.error is None:
                            yield Text(block.text)
                        case sdk.ToolUseBlock():
                            yield ToolCall(block.id, block.name, block.input)
                        case _:
                            pass
            case sdk.UserMessage() if isinstance(message.content, list):
                for block in message.content:
                    if isinstance(block, sdk.ToolResultBlock):
                        yield ToolResult(block.tool_use_id, failed=block.is_error is True)
            case sdk.ResultMessage():
                self._id = message.session_id or self._id
                yield self._usage(message)
                yield self._done(message)
            case _:
                pass

    def _usage(self, result: sdk.ResultMessage) -> Usage:
        """Return what the turn has cost. The money is told of the whole session so far, from before a resume too."""
        total = result.total_cost_usd or 0.0
        before = self._costs.get(result.session_id, 0.0 if self._resumed is None else None)
        self._costs[result.session_id] = total
        usage = result.usage or {}
        return Usage(
            count(usage.get("input_tokens")),
            count(usage.get("output_tokens")),
            count(usage.get("cache_read_input_tokens")),
            count(usage.get("cache_creation_input_tokens")),
            max(0.0, total - before) if before is not None else None,
            next(iter(result.model_usage or {}), None),
        )

    def _done(self, result: sdk.ResultMessage) -> Done:
        if result.subtype in _LIMITS:
            return Done(Stop.LIMIT, _LIMITS[result.subtype])
        if self._cancelled:
            return Done(Stop.CANCELLED)
        if result.is_error or result.subtype != "success":
            told = result.result or "; ".join(result.errors or ()) or result.subtype
            return Done(Stop.FAILED, told.splitlines()[0][:300])
        return Done(Stop.END)
