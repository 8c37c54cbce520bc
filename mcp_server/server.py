"""Puts the MCP server together: which tools there are and what a client may know about each, resources, prompts."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp.server import MCPServer
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult, Resource, TextContent, Tool, ToolAnnotations

from airchat import __version__
from mcp_server.desk import Desks
from mcp_server.failures import explain
from mcp_server.guide import INSTRUCTIONS, SETUP_INSTRUCTIONS
from mcp_server.names import translated
from mcp_server.prompts import Prompts
from mcp_server.resources import Resources
from mcp_server.schemas import slim
from mcp_server.tools.agents import AgentTools
from mcp_server.tools.approvals import ApprovalTools, approval_answerer
from mcp_server.tools.board import BoardTools
from mcp_server.tools.catch_up import CatchUpTools
from mcp_server.tools.doctor import DoctorTools, airchat_doctor
from mcp_server.tools.files import FileTools
from mcp_server.tools.help import HelpTools, airchat_help
from mcp_server.tools.mentions import MentionTools
from mcp_server.tools.messages import MessageTools
from mcp_server.tools.reservations import ReservationTools
from mcp_server.tools.server import ServerTools
from mcp_server.tools.tasks import TaskTools
from mcp_server.tools.work import WorkTools

NAME = "airchat"
HOSTS_OWN = {"wait_for_previous"}
"""Arguments that hosts add for themselves and hand on: Gemini CLI does."""
READS = ToolAnnotations(read_only_hint=True)
SENDS = ToolAnnotations(read_only_hint=False, destructive_hint=False)
SETS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True)
DESTROYS = ToolAnnotations(read_only_hint=False, destructive_hint=True)
WHOLE = {"anthropic/maxResultSizeChars": 150_000}
"""Else Claude Code shows only the beginning of a result over 50,000 characters, without the end of the boundary."""
ALWAYS = WHOLE | {"anthropic/alwaysLoad": True}
"""What an agent needs at once: Claude Code looks up the schemas of all other tools only when it wants one."""

ToolFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool and what is said of it; one that is not `listed` can be called by those who know its name."""

    tool: ToolFunction
    annotations: ToolAnnotations
    always: bool = False
    listed: bool = True


class AgentServer(MCPServer[Any]):
    """An MCP server whose failed tools answer `Error: <what to do>`."""

    def __init__(self, offers: list[Offer], resources: Resources | None = None, **what: Any) -> None:
        super().__init__(NAME, version=__version__, log_level="WARNING", **what)
        self._resources = resources
        self._unlisted = {offer.tool.__name__ for offer in offers if not offer.listed}
        for offer in offers:
            # Structured output would hide the text from Claude Code, which shows the model only one of the two.
            tool = self._tool_manager.add_tool(
                offer.tool,
                description=" ".join((inspect.getdoc(offer.tool) or "").split()),
                annotations=offer.annotations,
                meta=ALWAYS if offer.always else WHOLE,
                structured_output=False,
            )
            tool.parameters = slim(tool.parameters)

    @property
    def lowlevel(self) -> Server[Any]:
        """The library's server beneath, for transports of our own."""
        return self._lowlevel_server

    async def list_tools(self) -> list[Tool]:
        """Return the listed tools, always in the same order."""
        return [tool for tool in await super().list_tools() if tool.name not in self._unlisted]

    async def list_resources(self) -> list[Resource]:
        """Return what can be read in: the board, and the channels the agent is in."""
        return await super().list_resources() + (await self._resources.listed() if self._resources else [])

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; failures to be expected become its result, others are raised."""
        name, arguments = translated(name, arguments)
        try:
            self._check(name, arguments)
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__ or error
            text = str(cause) if isinstance(cause, ToolError) else explain(cause)
            if text is None:
                raise
            return CallToolResult(content=[TextContent(type="text", text=f"Error: {text}")], is_error=True)

    def _check(self, name: str, arguments: dict[str, Any]) -> None:
        """Refuse arguments that the tool does not have: an answer with a misspelt thread would go elsewhere."""
        tool = self._tool_manager.get_tool(name)
        known = tool.parameters["properties"] if tool else arguments
        if unknown := sorted(arguments.keys() - known.keys() - HOSTS_OWN):
            takes = ", ".join(known) or "no arguments"
            raise ToolError(f"{', '.join(unknown)}: there is no such argument; {name} takes {takes}")


def agent_server(desk: Desks, who: str, *, local: bool = True, **how: Any) -> AgentServer:
    """Return the server for the agents who work at the desks; `who` they are told they are.

    A `local` one runs on the agent's own machine, and can examine its setup. `how` as for `MCPServer`.
    """
    resources = Resources(desk)
    offered = offers(desk) + ([Offer(DoctorTools(desk).airchat_doctor, READS, listed=False)] if local else [])
    server = AgentServer(offered, resources, instructions=INSTRUCTIONS.format(who=who), **how)
    resources.add_to(server)
    Prompts(desk).add_to(server)
    return server


def setup_server() -> AgentServer:
    """Return the server of a machine that is not set up: it only tells how to do that."""
    return AgentServer([Offer(airchat_doctor, READS), Offer(airchat_help, READS)], instructions=SETUP_INSTRUCTIONS)


def offers(desk: Desks) -> list[Offer]:
    """Return all tools of an agent, the most used first."""
    board, mentions, work = BoardTools(desk), MentionTools(desk), WorkTools(desk)
    messages, files, reservations = MessageTools(desk), FileTools(desk), ReservationTools(desk)
    tasks, agents, approvals, server = TaskTools(desk), AgentTools(desk), ApprovalTools(desk), ServerTools(desk)
    return [
        Offer(HelpTools(desk).airchat_help, READS, always=True),
        Offer(work.check_work, READS, always=True),
        Offer(CatchUpTools(desk).catch_up, READS, always=True),
        Offer(messages.read_messages, READS, always=True),
        Offer(messages.read_thread, READS, always=True),
        Offer(messages.send_message, SENDS, always=True),
        Offer(messages.send_direct_message, SENDS, always=True),
        Offer(mentions.mark_mentions_read, SETS, always=True),
        Offer(mentions.check_mentions, READS),
        Offer(board.check_board, READS),
        Offer(board.list_channels, READS),
        Offer(messages.search_messages, READS),
        Offer(messages.edit_message, DESTROYS),
        Offer(messages.react, SETS),
        Offer(tasks.post_task, SENDS),
        Offer(tasks.check_tasks, READS),
        Offer(tasks.update_task, SENDS),
        Offer(agents.find_agents, READS),
        Offer(agents.set_card, SETS),
        Offer(approvals.request_approval, SENDS),
        Offer(approvals.check_approvals, READS),
        Offer(approval_answerer(desk), SENDS),
        Offer(reservations.reserve_files, SETS),
        Offer(reservations.release_files, SETS),
        Offer(reservations.list_reservations, READS),
        Offer(files.upload_file, SENDS),
        Offer(files.get_file_url, READS),
        Offer(files.download_file, READS),
        Offer(files.delete_file, DESTROYS),
        Offer(work.check_messages, READS, listed=False),
        Offer(work.ack_messages, SETS, listed=False),
        Offer(server.list_server, READS, listed=False),
        Offer(server.list_tasks, READS, listed=False),
    ]
