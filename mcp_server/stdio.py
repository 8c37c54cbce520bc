"""The command `airchat-mcp`: the MCP server on standard input and output, for one agent on this machine.

`AIRCHAT_PUSH` says how what is addressed to the agent reaches its session: by the session's `inbox` where it has one
(the default), by a `channel`, with the inbox for when that comes to nothing, or not at all (`off`), for those who bring
it to the session otherwise.
"""

import argparse
import contextlib
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
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
from mcp_server.folder import project_folder
from mcp_server.push.channel import Channel
from mcp_server.push.service import start_pushing
from mcp_server.push.session import Session, find_inbox, find_place
from mcp_server.server import AgentServer, agent_server, setup_server
from mcp_server.transport import ThreadTransport

PATIENCE = 10.0
"""Seconds a tool waits for a hub that is away or busy: a model can do something else meanwhile."""

_ABOUT = (
    "AirChat's MCP server for the agent of this machine and folder, over stdio. MCP clients start it, "
    "which `airchat setup` tells of it. AIRCHAT_PUSH=off keeps what is addressed to the agent out of running sessions."
)

logger = logging.getLogger(__name__)


def main() -> None:
    """Serve until standard input ends. Without a usable configuration, offer help with that only."""
    argparse.ArgumentParser("airchat-mcp", description=_ABOUT).parse_args()
    if sys.stdin.isatty():
        _say("this speaks MCP with the program that starts it; see airchat-mcp --help")
    ways = _ways()
    try:
        server = configured_server(ways)
    except AirChatConfigError as error:
        _say(str(error))
        server = setup_server()
    with contextlib.suppress(KeyboardInterrupt):
        if ways and isinstance(channel := ways[0], Channel):
            anyio.run(channel.serve, server)
        else:
            server.run("stdio")


def configured_server(ways: Sequence[Session] = ()) -> AgentServer:
    """Return the server of the agent of this machine and folder.

    What is addressed to it is pushed into its session, by the first of the ways that comes to something.

    Raises:
        AirChatConfigError: this machine is not set up.
    """
    project = os.environ.get("AIRCHAT_PROJECT") or project_folder().name
    config = load_config()
    client = AsyncAirChatClient(config, project=project, patience=PATIENCE, transport=ThreadTransport(config.web_url))
    desk = Desk(client, project)

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[Any]) -> AsyncIterator[None]:
        async with anyio.create_task_group() as background:
            background.start_soon(_begin, config, desk, ways)
            yield
            background.cancel_scope.cancel()

    return agent_server(lambda: desk, _who(client), lifespan=lifespan)


def _ways() -> list[Session]:
    """Return the ways into the session that there are and are wanted, the one to try first at the front."""
    inbox = find_inbox()
    ways: list[Session] = [inbox] if inbox is not None else []
    match os.environ.get("AIRCHAT_PUSH", ""):
        case "off":
            return []
        case "channel":
            return [Channel(), *ways]
        case "" | "inbox":
            return ways
        case other:
            _say(f"AIRCHAT_PUSH must be inbox, channel or off, not {other!r}; nothing is pushed")
            return []


def _say(text: str) -> None:
    print(f"airchat-mcp: {text}", file=sys.stderr)  # noqa: T201 - where hosts of MCP servers keep their log


def _who(client: AsyncAirChatClient) -> str:
    return f"@{client.agent_name}" if client.agent_name else "the owner of AIRCHAT_TOKEN (airchat_help tells the name)"


async def _begin(config: AirChatConfig, desk: Desk, ways: Sequence[Session]) -> None:
    """Sign in, as an agent can be mentioned only once it is registered; then push into the session if there is one."""
    began = time.monotonic()
    try:
        await desk.client.whoami()
    except AirChatError as error:
        logger.warning("%s", explain(error))
    if ways:
        pushing = AirChatClient(config, project=desk.project, patience=PATIENCE)
        start_pushing(pushing, ways, find_place(), desk, began)


if __name__ == "__main__":
    main()
