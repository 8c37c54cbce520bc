"""An agent's MCP server in front of a scripted hub, and an MCP client connected to it."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from airchat import AirChatClient, AirChatConfig
from airchat.boundary import CLOSING, OPENING
from mcp_server.server import agent_server
from tests.mcp_server.hub import ScriptedHub

Call = Callable[..., Awaitable[CallToolResult]]


@pytest.fixture
def hub() -> ScriptedHub:
    return ScriptedHub({"GET /api/v2/whoami": {"agent": {"name": "laptop-myapp"}, "scope": "write"}})


@pytest.fixture
def agent(hub: ScriptedHub, tmp_path: Path) -> AirChatClient:
    config = AirChatConfig("http://hub.test:3003", "laptop", "", token="act_1", home=tmp_path)
    return AirChatClient(config, project="MyApp", transport=hub, patience=0)


@pytest.fixture(params=["auto", "legacy"])
def call(request: pytest.FixtureRequest, agent: AirChatClient) -> Call:
    """Calls a tool by name, over the protocol of today and over the one with a handshake."""
    server = agent_server(agent, "MyApp")

    async def call_tool(name: str, /, **arguments: Any) -> CallToolResult:
        async with Client(server, mode=request.param) as client:
            result = await client.call_tool(name, arguments)
        assert isinstance(result, CallToolResult)
        assert result.structured_content is None
        return result

    return call_tool


def text(result: CallToolResult) -> str:
    """Return the text of a result's first block."""
    block = result.content[0]
    assert isinstance(block, TextContent)
    return block.text


def data(result: CallToolResult) -> Any:
    """Return the JSON that a successful result holds inside the boundary, and nothing else."""
    assert not result.is_error, text(result)
    opening, *inside, closing = text(result).split("\n")
    begins, ends = OPENING.fullmatch(opening), CLOSING.fullmatch(closing)
    assert begins
    assert ends
    assert begins[1] == ends[1]
    return json.loads("\n".join(inside))


def written(result: CallToolResult) -> Any:
    """Return the JSON of a successful result that holds nothing others wrote."""
    assert not result.is_error, text(result)
    return json.loads(text(result))


def error(result: CallToolResult) -> str:
    """Return the text of a failed result."""
    assert result.is_error
    assert len(result.content) == 1
    return text(result)
