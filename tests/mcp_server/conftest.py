"""An agent's MCP server in front of a hub, and an MCP client connected to it.

The hub is a scripted one (`hub`), to see what is asked of it, or one in memory that works (`room`).
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from airchat import AirChatConfig, AsyncAirChatClient
from airchat.boundary import CLOSING, OPENING
from airchat.testing import FakeHub
from mcp_server.desk import Desk
from mcp_server.server import AgentServer, agent_server
from tests.mcp_server.hub import ScriptedHub

Call = Callable[..., Awaitable[CallToolResult]]


class Seat:
    """Where a test's agent sits; the server is made once, for all of them."""

    def __init__(self) -> None:
        self.desk: Desk | None = None

    def __call__(self) -> Desk:
        assert self.desk is not None
        return self.desk


@pytest.fixture(scope="session")
def seat() -> Seat:
    return Seat()


@pytest.fixture(scope="session")
def server(seat: Seat) -> AgentServer:
    return agent_server(seat, "@laptop-myapp")


@pytest.fixture
def hub() -> ScriptedHub:
    return ScriptedHub({"GET /api/v2/whoami": {"agent": {"name": "laptop-myapp"}, "scope": "write"}})


@pytest.fixture
def agent(hub: ScriptedHub, tmp_path: Path, seat: Seat) -> Desk:
    config = AirChatConfig("http://hub.test:3003", "laptop", "", token="act_1", home=tmp_path)
    seat.desk = Desk(AsyncAirChatClient(config, project="MyApp", transport=hub, patience=0), "MyApp")
    return seat.desk


@pytest.fixture(params=["auto", "legacy"])
def call(request: pytest.FixtureRequest, agent: Desk, server: AgentServer) -> Call:
    """Calls a tool by name, over the protocol of today and over the one with a handshake."""
    return caller(server, request.param)


@pytest.fixture
def room() -> FakeHub:
    return FakeHub()


@pytest.fixture
def me(room: FakeHub, seat: Seat) -> Desk:
    """The agent `fake-me`, in a room where others are."""
    seat.desk = Desk(room.async_client("me"), "me")
    return seat.desk


@pytest.fixture
def use(me: Desk, server: AgentServer) -> Call:
    """Calls a tool by name as the agent `fake-me`."""
    return caller(server, "auto")


def caller(server: AgentServer, mode: str) -> Call:
    async def call_tool(name: str, /, **arguments: Any) -> CallToolResult:
        async with Client(server, mode=mode) as client:
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
    return inside(text(result))


def inside(fenced: str) -> Any:
    """Return the JSON inside a boundary, around which is nothing else."""
    opening, *lines, closing = fenced.split("\n")
    begins, ends = OPENING.fullmatch(opening), CLOSING.fullmatch(closing)
    assert begins
    assert ends
    assert begins[1] == ends[1]
    return json.loads("\n".join(lines))


def written(result: CallToolResult) -> Any:
    """Return the JSON of a successful result that holds nothing others wrote."""
    assert not result.is_error, text(result)
    return json.loads(text(result))


def error(result: CallToolResult) -> str:
    """Return the text of a failed result."""
    assert result.is_error
    assert len(result.content) == 1
    return text(result)
