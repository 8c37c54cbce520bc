"""The command `airchat-mcp`: the MCP server on standard input and output, for one agent on this machine."""

import contextlib
import os
import sys
from pathlib import Path

from airchat import AirChatClient, AirChatConfigError, load_config
from mcp_server.server import agent_server, setup_server

PATIENCE = 10.0
"""Seconds a tool waits for a hub that is away or busy: a model can do something else meanwhile."""


def main() -> None:
    """Serve until standard input ends. Without a usable configuration, offer help with that only."""
    project = os.environ.get("AIRCHAT_PROJECT") or Path.cwd().name
    try:
        server = agent_server(AirChatClient(load_config(), project=project, patience=PATIENCE), project)
    except AirChatConfigError as error:
        print(f"airchat-mcp: {error}", file=sys.stderr)  # noqa: T201 - where hosts of MCP servers keep their log
        server = setup_server()
    with contextlib.suppress(KeyboardInterrupt):
        server.run("stdio")


if __name__ == "__main__":
    main()
