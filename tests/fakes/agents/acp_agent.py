"""An agent that speaks the Agent Client Protocol, through its own library, as a fake; see the package."""

import asyncio
from typing import Any

from acp import RequestError, run_agent, start_tool_call, update_agent_message_text, update_tool_call
from acp.interfaces import Client
from acp.schema import (
    AgentCapabilities,
    InitializeResponse,
    LoadSessionResponse,
    NewSessionResponse,
    PermissionOption,
    PromptResponse,
    SessionMode,
    SessionModeState,
    SetSessionModeResponse,
    ToolCallUpdate,
    Usage,
)

from tests.fakes.agents.script import begin, directives, known

MODES = SessionModeState(
    available_modes=[SessionMode(id="auto", name="Auto"), SessionMode(id="default", name="Ask")], current_mode_id="auto"
)
OPTIONS = [
    PermissionOption(option_id="always", name="Always", kind="allow_always"),
    PermissionOption(option_id="once", name="Once", kind="allow_once"),
    PermissionOption(option_id="no", name="No", kind="reject_once"),
]


class FakeAgent:
    def __init__(self) -> None:
        self._mode = "auto"
        self._cancel = asyncio.Event()

    def on_connect(self, client: Client) -> None:
        self._client = client

    async def initialize(self, protocol_version: int, **_: Any) -> InitializeResponse:
        return InitializeResponse(
            protocol_version=protocol_version, agent_capabilities=AgentCapabilities(load_session=True)
        )

    async def new_session(self, cwd: str, **_: Any) -> NewSessionResponse:
        session, _past = begin(None)
        return NewSessionResponse(session_id=session, modes=MODES)

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> LoadSessionResponse:
        if not known(session_id):
            raise RequestError.resource_not_found(session_id)
        await self._client.session_update(session_id=session_id, update=update_agent_message_text("what was said"))
        return LoadSessionResponse(modes=MODES)

    async def set_session_mode(self, mode_id: str, session_id: str, **_: Any) -> SetSessionModeResponse:
        self._mode = mode_id
        return SetSessionModeResponse()

    async def cancel(self, session_id: str, **_: Any) -> None:
        self._cancel.set()

    async def prompt(self, session_id: str, prompt: list[Any], **_: Any) -> PromptResponse:
        self._cancel.clear()
        session, past = begin(session_id)
        for number, line in enumerate(prompt[0].text.splitlines()):
            if line.strip().startswith("@@sleep "):
                try:
                    async with asyncio.timeout(float(line.split()[1])):
                        await self._cancel.wait()
                    return PromptResponse(stop_reason="cancelled")
                except TimeoutError:
                    continue
            for word, text, given in directives(line):
                await self._do(session, str(number), word, text or str(past), given)
        return PromptResponse(stop_reason="end_turn", usage=Usage(total_tokens=107, input_tokens=100, output_tokens=7))

    async def _do(self, session: str, call: str, word: str, text: str, given: dict[str, Any]) -> None:
        match word:
            case "say" | "past":
                for piece in (text[:2], text[2:]):
                    await self._client.session_update(session_id=session, update=update_agent_message_text(piece))
            case "tool" | "ask":
                start = start_tool_call(call, text, raw_input=given)
                await self._client.session_update(session_id=session, update=start)
                allowed = word == "tool" or await self._may(session, call, text, given)
                done = update_tool_call(call, status="completed" if allowed else "failed")
                await self._client.session_update(session_id=session, update=done)
                if word == "ask":
                    said = update_agent_message_text("allowed" if allowed else "refused")
                    await self._client.session_update(session_id=session, update=said)
            case "fail":
                raise RequestError(-32603, text)

    async def _may(self, session: str, call: str, tool: str, given: dict[str, Any]) -> bool:
        assert self._mode == "default", self._mode
        asked = ToolCallUpdate(tool_call_id=call, title=tool, raw_input=given)
        answer = await self._client.request_permission(session_id=session, tool_call=asked, options=OPTIONS)
        return getattr(answer.outcome, "option_id", None) == "once"


if __name__ == "__main__":
    asyncio.run(run_agent(FakeAgent()))  # type: ignore[arg-type] # it has what it says it can do
