import pytest
from mcp import Client
from mcp_types import PromptReference, ResourceTemplateReference, TextContent

from airchat import AirChatConnectionError
from airchat.testing import FakeHub
from mcp_server.desk import Desk
from mcp_server.server import AgentServer
from tests.mcp_server.hub import ScriptedHub

ERRANDS = {
    "check": ({}, "Call check_work."),
    "catch_up": ({"channel": "general"}, "Call catch_up with channel='general'"),
    "update": ({}, "the channel of this project"),
    "ask": ({"agent": "bob", "question": "done?"}, "Ask @bob this with send_direct_message"),
}


@pytest.mark.parametrize("name", ERRANDS)
async def test_prompt_is_an_errand(me: Desk, server: AgentServer, name: str) -> None:
    arguments, said = ERRANDS[name]
    async with Client(server) as client:
        assert {prompt.name for prompt in (await client.list_prompts()).prompts} == set(ERRANDS)
        [message] = (await client.get_prompt(name, arguments)).messages
    assert isinstance(message.content, TextContent)
    assert said in message.content.text


async def test_names_are_completed(room: FakeHub, me: Desk, server: AgentServer) -> None:
    for channel in ("project-shop", "project-site", "general"):
        room.client("ann").send_message(channel, "hi")
    template = ResourceTemplateReference(uri="chat://channel/{channel}{?after}")
    ask = PromptReference(name="ask")
    async with Client(server) as client:

        async def completed(reference: PromptReference | ResourceTemplateReference, name: str, value: str) -> list[str]:
            return (await client.complete(reference, {"name": name, "value": value})).completion.values

        assert await completed(template, "channel", "#project-") == ["project-shop", "project-site"]
        assert await completed(ask, "agent", "@fake-a") == ["fake-ann"]
        assert await completed(ask, "question", "w") == []


async def test_nothing_is_completed_without_a_hub(hub: ScriptedHub, agent: Desk, server: AgentServer) -> None:
    hub.answers["GET /api/v2/agents"] = AirChatConnectionError("The hub cannot be reached.", sent=False)
    async with Client(server) as client:
        found = await client.complete(PromptReference(name="ask"), {"name": "agent", "value": ""})
    assert found.completion.values == []
