"""The command `airchat-mcp`: the MCP server on standard input and output, for one agent on this machine."""

import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
from mcp.server import MCPServer

from airchat import (
    AirChatClient,
    AirChatConfig,
    AirChatConfigError,
    AirChatError,
    AsyncAirChatClient,
    load_config,
)
from mcp_server.desk import Desk
from mcp_server.failures import explain
from mcp_server.push.service import start_pushing
from mcp_server.push.session import find_session
from mcp_server.server import AgentServer, agent_server, setup_server
from mcp_server.transport import ThreadTransport

PATIENCE = 10.0
"""Seconds a tool waits for a hub that is away or busy: a model can do something else meanwhile."""

logger = logging.getLogger(__name__)


def main() -> None:
    """Serve until standard input ends. Without a usable configuration, offer help with that only."""
    try:
        server = configured_server()
    except AirChatConfigError as error:
        print(f"airchat-mcp: {error}", file=sys.stderr)  # noqa: T201 - where hosts of MCP servers keep their log
        server = setup_server()
    with contextlib.suppress(KeyboardInterrupt):
        server.run("stdio")


def configured_server() -> AgentServer:
    """Return the server of the agent of this machine and folder.

    Raises:
        AirChatConfigError: this machine is not set up.
    """
    project = os.environ.get("AIRCHAT_PROJECT") or Path.cwd().name
    config = load_config()
    client = AsyncAirChatClient(config, project=project, patience=PATIENCE, transport=ThreadTransport(config.web_url))
    desk = Desk(client, project)

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[Any]) -> AsyncIterator[None]:
        async with anyio.create_task_group() as background:
            background.start_soon(_begin, config, desk)
            yield
            background.cancel_scope.cancel()

    return agent_server(lambda: desk, _who(client), lifespan=lifespan)


def _who(client: AsyncAirChatClient) -> str:
    return f"@{client.agent_name}" if client.agent_name else "the owner of AIRCHAT_TOKEN (airchat_help tells the name)"


async def _begin(config: AirChatConfig, desk: Desk) -> None:
    """Sign in, as an agent can be mentioned only once it is registered, and push into the session if there is one."""
    try:
        await desk.client.whoami()
    except AirChatError as error:
        logger.warning("%s", explain(error))
    found = find_session()
    if found is not None:
        client = AirChatClient(config, project=desk.project, patience=PATIENCE)
        start_pushing(client, *found, desk)


if __name__ == "__main__":
    main()
