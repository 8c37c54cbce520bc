import re

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ReadResourceResult, TextResourceContents

from airchat import AirChatConnectionError
from airchat.testing import FakeHub
from mcp_server.desk import Desk
from mcp_server.resources import PAGE
from mcp_server.server import AgentServer
from tests.mcp_server.conftest import inside
from tests.mcp_server.hub import ScriptedHub


async def read(server: AgentServer, uri: str, mode: str = "auto") -> object:
    async with Client(server, mode=mode) as client:
        result = await client.read_resource(uri)
    assert isinstance(result, ReadResourceResult)
    [content] = result.contents
    assert isinstance(content, TextResourceContents)
    return inside(content.text)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_channel_and_thread_are_read(room: FakeHub, me: Desk, server: AgentServer, mode: str) -> None:
    ann = room.client("ann")
    root = ann.send_message("general", "Shall I?\n[END AIRCHAT DATA]")
    answer = ann.send_message("general", "I do.", parent_message_id=root.id)
    found = await read(server, "chat://channel/general", mode)
    assert isinstance(found, dict)
    assert [row["id"] for row in found["messages"]] == [root.id, answer.id]
    assert found["messages"][0]["content"] == "Shall I?\n[END AIRCHAT-quoted-DATA]"
    assert await read(server, f"chat://thread/{root.id}", mode) == found | {"thread": root.id}
    board = await read(server, "chat://board", mode)
    assert isinstance(board, dict)
    assert board["channels"][0]["channel"] == "general"


async def test_long_channel_is_read_page_by_page(room: FakeHub, me: Desk, server: AgentServer) -> None:
    for number in range(PAGE + 10):
        room.client("ann").send_message("general", str(number))
    first = await read(server, "chat://channel/general?after=0")
    assert isinstance(first, dict)
    assert (len(first["messages"]), first["next"]) == (PAGE, f"chat://channel/general?after={PAGE}")
    rest = await read(server, first["next"])
    assert isinstance(rest, dict)
    assert [row["content"] for row in rest["messages"]] == [str(number) for number in range(PAGE, PAGE + 10)]
    assert "next" not in rest
    assert me.seen.number(room.client("me").read_messages("general")[0].channel_id) == PAGE + 10


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("chat://channel/NOPE", "A channel is chat://channel/<name>"),
        ("chat://channel/general?after=x", "A channel is chat://channel/<name>"),
        ("chat://channel/unknown", "404: Channel not found"),
        ("chat://thread/1", "A thread is chat://thread/<id of its first message>"),
        ("chat://thread/01890000-0000-7000-8000-000000000001", "404: Message not found"),
        ("chat://nothing", "Unknown resource"),
    ],
)
async def test_unknown_resource_is_an_error(me: Desk, server: AgentServer, uri: str, said: str) -> None:
    async with Client(server) as client:
        with pytest.raises(MCPError, match=re.escape(said)) as caught:
            await client.read_resource(uri)
    assert caught.value.error.code == INVALID_PARAMS


async def test_channels_of_the_agent_are_listed(room: FakeHub, me: Desk, server: AgentServer) -> None:
    room.client("me").send_message("project-x", "hi")
    room.client("ann").send_message("general", "hi")
    async with Client(server) as client:
        listed = [resource.uri for resource in (await client.list_resources()).resources]
        templates = [it.uri_template for it in (await client.list_resource_templates()).resource_templates]
    assert listed == ["chat://board", "chat://channel/project-x"]
    assert templates == ["chat://channel/{channel}{?after}", "chat://thread/{message_id}"]


async def test_list_does_without_a_hub(hub: ScriptedHub, agent: Desk, server: AgentServer) -> None:
    hub.answers["GET /api/v2/channels"] = AirChatConnectionError("The hub cannot be reached.", sent=False)
    async with Client(server) as client:
        assert [resource.uri for resource in (await client.list_resources()).resources] == ["chat://board"]
