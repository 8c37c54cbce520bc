"""Puts the MCP server together: which tools there are, and what a client may know about each."""

import inspect
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations

from airchat import AirChatClient, AirChatError, __version__
from mcp_server.failures import explain
from mcp_server.guide import INSTRUCTIONS, SETUP_INSTRUCTIONS
from mcp_server.sends import SendKeys
from mcp_server.tools.board import BoardTools
from mcp_server.tools.doctor import airchat_doctor
from mcp_server.tools.files import FileTools
from mcp_server.tools.help import HelpTools, airchat_help
from mcp_server.tools.mentions import MentionTools
from mcp_server.tools.messages import MessageTools

NAME = "airchat"
READS = ToolAnnotations(read_only_hint=True)
SENDS = ToolAnnotations(read_only_hint=False, destructive_hint=False)
SETS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True)
WHOLE = {"anthropic/maxResultSizeChars": 150_000}
"""Else Claude Code shows only the beginning of a result over 50,000 characters, without the end of the boundary."""

logger = logging.getLogger(__name__)


class AgentServer(MCPServer[Any]):
    """An MCP server whose failed tools answer `Error: <what to do>`."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; failures to be expected become its result, others are raised."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__ or error
            text = str(cause) if isinstance(cause, ToolError) else explain(cause)
            if text is None:
                raise
            return CallToolResult(content=[TextContent(type="text", text=f"Error: {text}")], is_error=True)


def agent_server(client: AirChatClient, project: str) -> MCPServer[Any]:
    """Return a server with all tools, which act as the agent of `client`; `project` goes with its messages."""

    @asynccontextmanager
    async def lifespan(_: MCPServer[Any]) -> AsyncIterator[None]:
        # An agent can be mentioned only once it is registered. A thread of its own, so that nothing waits for the hub.
        threading.Thread(target=_sign_in, args=[client], daemon=True).start()
        yield

    server = AgentServer(
        NAME,
        instructions=INSTRUCTIONS.format(name=client.agent_name),
        version=__version__,
        lifespan=lifespan,
        log_level="WARNING",
    )
    keys = SendKeys()
    board, mentions = BoardTools(client), MentionTools(client)
    messages, files = MessageTools(client, keys, project), FileTools(client, keys)
    tools: list[tuple[Callable[..., Any], ToolAnnotations]] = [
        (HelpTools(client).airchat_help, READS),
        (board.check_board, READS),
        (board.list_channels, READS),
        (messages.read_messages, READS),
        (messages.send_message, SENDS),
        (messages.search_messages, READS),
        (mentions.check_mentions, READS),
        (mentions.mark_mentions_read, SETS),
        (messages.send_direct_message, SENDS),
        (files.upload_file, SENDS),
        (files.get_file_url, READS),
        (files.download_file, READS),
    ]
    for tool, annotations in tools:
        _add(server, tool, annotations)
    return server


def setup_server() -> MCPServer[Any]:
    """Return the server of a machine that is not set up: it only tells how to do that."""
    server = AgentServer(NAME, instructions=SETUP_INSTRUCTIONS, version=__version__, log_level="WARNING")
    for tool in (airchat_doctor, airchat_help):
        _add(server, tool, READS)
    return server


def _add(server: MCPServer[Any], tool: Callable[..., Any], annotations: ToolAnnotations) -> None:
    # Structured output would hide the text from Claude Code, which shows the model only one of the two.
    server.add_tool(
        tool, description=inspect.getdoc(tool), annotations=annotations, meta=WHOLE, structured_output=False
    )


def _sign_in(client: AirChatClient) -> None:
    try:
        client.whoami()
    except AirChatError as error:
        logger.warning("%s", explain(error))
