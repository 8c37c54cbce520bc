"""Any agent that speaks the Agent Client Protocol, over the standard input and output of its program."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from acp import PROTOCOL_VERSION, RequestError, connect_to_agent, schema, text_block
from acp.client.connection import ClientSideConnection
from acp.interfaces import Client

from runner.harness.acp_calls import Calls, Update
from runner.harness.acp_modes import set_mode
from runner.harness.child import Child
from runner.harness.command import count
from runner.harness.port import (
    Broken,
    Done,
    Event,
    HarnessError,
    NotStarted,
    Permission,
    PermissionMode,
    Place,
    Session,
    Stop,
    Text,
    Unknown,
    Usage,
)

Server = schema.HttpMcpServer | schema.SseMcpServer | schema.AcpMcpServer | schema.McpServerStdio

START_SECONDS = 60.0
_STOPS = {"end_turn": Stop.END, "cancelled": Stop.CANCELLED}
_LIMITS = {"max_tokens": "the answer became too long", "max_turn_requests": "it took too many steps"}


class Acp:
    """Starts `command` for each session, which is put into the agent's mode for `mode`."""

    def __init__(self, command: Sequence[str], mode: PermissionMode, env: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._mode = mode
        self._env = env or {}

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session; see the port."""
        child = await Child.start(self._command, place.cwd, self._env)
        try:
            session = AcpSession(child, place)
            async with asyncio.timeout(START_SECONDS):
                await session.begin(resume, self._mode)
        except (RequestError, ConnectionError, TimeoutError) as error:
            await child.end()
            raise NotStarted(_reason(error)) from error
        except HarnessError:
            await child.end()
            raise
        return session


class AcpSession:
    """One conversation, and what the agent calls us for."""

    def __init__(self, child: Child, place: Place) -> None:
        self._child = child
        self._place = place
        self._id = ""
        self._unsaid = place.instructions
        self._said = ""
        self._calls = Calls()
        self._cost = self._told_cost = 0.0
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        writer, reader = child.streams
        # Agents call what is here, and what a client says it can do: this one has neither files nor terminals.
        self._agent: ClientSideConnection = connect_to_agent(cast("Client", self), writer, reader)

    @property
    def id(self) -> str | None:
        """The agent's name for the session."""
        return self._id or None

    async def begin(self, resume: str | None, mode: PermissionMode) -> None:
        """Shake hands, and begin a session or go on with one."""
        told = await self._agent.initialize(
            PROTOCOL_VERSION, client_info=schema.Implementation(name="airchat-runner", version="1")
        )
        servers: list[Server] = [
            schema.McpServerStdio(
                name=server.name,
                command=server.command,
                args=list(server.args),
                env=[schema.EnvVariable(name=name, value=text) for name, text in server.env.items()],
            )
            for server in self._place.mcp_servers
        ]
        cwd = str(self._place.cwd)
        if resume is None:
            begun: Any = await self._agent.new_session(cwd, mcp_servers=servers)
            self._id = begun.session_id
        else:
            begun = await self._resume(told, resume, cwd, servers)
            self._id, self._unsaid = resume, ""
        await set_mode(self._agent, self._id, begun, mode)

    async def prompt(self, text: str) -> AsyncIterator[Event]:
        """Give what the agent tells until it is done."""
        self._events, self._said = asyncio.Queue(), ""  # what it told before, such as the past of a resumed session
        self._calls = Calls()
        before, self._unsaid = self._unsaid, ""
        asked = f"{before}\n\n{text}" if before else text
        answering = asyncio.ensure_future(self._agent.prompt(session_id=self._id, prompt=[text_block(asked)]))
        answering.add_done_callback(lambda _: self._events.put_nowait(Done(Stop.END)))
        try:
            while not isinstance(event := await self._events.get(), Done):
                yield event
            for event in self._end(await answering):
                yield event
        except RequestError as error:
            yield Done(Stop.FAILED, _reason(error))
        except ConnectionError as error:
            raise Broken(await self._child.epitaph()) from error
        finally:
            answering.cancel()

    async def cancel(self) -> None:
        """Tell the agent to stop; one that has ended has."""
        with suppress(ConnectionError):
            await self._agent.cancel(session_id=self._id)

    async def close(self) -> None:
        """End the program."""
        await self._agent.close()
        await self._child.end()

    async def session_update(self, session_id: str, update: Any, **_more: Any) -> None:
        """Take what the agent tells; the protocol's name."""
        match update:
            case schema.AgentMessageChunk():
                self._said += getattr(update.content, "text", "")
            case schema.ToolCallStart() | schema.ToolCallProgress():
                self._called(update)
            case schema.UsageUpdate() if update.cost is not None:
                self._cost = update.cost.amount
            case _:
                pass

    async def request_permission(
        self, session_id: str, tool_call: schema.ToolCallUpdate, options: list[schema.PermissionOption], **_more: Any
    ) -> schema.RequestPermissionResponse:
        """Ask whether a tool may run; the protocol's name. Only this once is ever allowed."""
        self._called(tool_call)
        request = self._calls.request(tool_call)
        verdict = await self._place.ask(request)
        self._events.put_nowait(Permission(request, verdict.allowed))
        for event in () if verdict.allowed else self._calls.refused(tool_call.tool_call_id):
            self._events.put_nowait(event)
        wanted = "allow_once" if verdict.allowed else "reject_once"
        chosen = next((option.option_id for option in options if option.kind == wanted), None)
        outcome = (
            schema.AllowedOutcome(outcome="selected", option_id=chosen)
            if chosen is not None
            else schema.DeniedOutcome(outcome="cancelled")
        )
        return schema.RequestPermissionResponse(outcome=outcome)

    async def _resume(self, told: schema.InitializeResponse, resume: str, cwd: str, servers: list[Server]) -> Any:
        able = told.agent_capabilities
        try:
            if (
                able is not None
                and able.session_capabilities is not None
                and able.session_capabilities.resume is not None
            ):
                return await self._agent.resume_session(session_id=resume, cwd=cwd, mcp_servers=servers)
            if able is not None and able.load_session:
                return await self._agent.load_session(cwd=cwd, session_id=resume, mcp_servers=servers)
        except RequestError as error:
            raise Unknown(_reason(error)) from error
        raise Unknown("this agent cannot go on with earlier sessions")

    def _called(self, update: Update) -> None:
        """Take note of a tool call; what was said before it is a text of its own."""
        if not self._calls.knows(update.tool_call_id):
            said, self._said = self._said, ""
            if said.strip():
                self._events.put_nowait(Text(said))
        for event in self._calls.saw(update):
            self._events.put_nowait(event)

    def _end(self, response: schema.PromptResponse) -> list[Event]:
        """Return the last events of a prompt."""
        events: list[Event] = []
        if self._said.strip():
            events.append(Text(self._said))
        if response.usage is not None or self._cost or response.field_meta:
            events.append(self._usage(response))
        reason = str(response.stop_reason)
        stop = _STOPS.get(reason, Stop.LIMIT if reason in _LIMITS else Stop.END)
        return [*events, Done(stop, _LIMITS.get(reason, ""))]

    def _usage(self, response: schema.PromptResponse) -> Usage:
        """Return what a prompt has cost; the money is told of the whole session so far."""
        cost, self._told_cost = self._cost - self._told_cost, self._cost
        used = response.usage
        if used is None:
            match response.field_meta:  # as Gemini CLI tells it
                case {"quota": {"token_count": {"input_tokens": given, "output_tokens": made}}}:
                    return Usage(count(given), count(made), cost=cost or None)
                case _:
                    return Usage(cost=cost or None)
        return Usage(
            used.input_tokens,
            used.output_tokens,
            used.cached_read_tokens or 0,
            used.cached_write_tokens or 0,
            cost or None,
        )


def _reason(error: BaseException) -> str:
    data = getattr(error, "data", None)
    detail = data.get("details") or data.get("message") if isinstance(data, dict) else None
    return (f"{error}: {detail}" if detail else str(error) or type(error).__name__).splitlines()[0][:300]
