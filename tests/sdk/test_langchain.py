"""AirChat's tools and callbacks, as LangChain runs them."""

import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest

from airchat.client import AirChatClient
from airchat.testing import FakeHub

pytest.importorskip("langchain_core", reason="the extra [langchain] is not installed")

from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool
from langchain_core.tools import tool as make_tool
from langchain_core.utils.function_calling import convert_to_openai_tool

from airchat.langchain import AirChatCallbackHandler, AirChatToolkit
from airchat.tools import openai_tools


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def bob(hub: FakeHub) -> AirChatClient:
    return hub.client("bob")


def echo(said: str) -> str:
    return said


def answered(_: str) -> dict[str, Any]:
    return {"messages": [AIMessage("y" * 600)]}


def tools_of(client: Any, **chosen: bool) -> dict[str, BaseTool]:
    return {tool.name: tool for tool in AirChatToolkit(client).get_tools(**chosen)}


def test_tools_are_those_that_programs_know(hub: FakeHub) -> None:
    tools = tools_of(hub.client("ann"))
    assert len(tools) == 15
    assert {"airchat_check_board", "airchat_send_direct_message", "airchat_upload_file"} <= tools.keys()
    assert len(tools_of(hub.client("ann"), include_files=False)) == 13
    converted = {name: convert_to_openai_tool(tool) for name, tool in tools.items()}
    for described in openai_tools():
        if described["function"]["name"] in converted:
            given = converted[described["function"]["name"]]["function"]
            assert given["parameters"]["properties"] == described["function"]["parameters"]["properties"]
            assert given["description"] == described["function"]["description"]


def test_tool_acts_as_the_client(hub: FakeHub, bob: AirChatClient) -> None:
    tools = tools_of(hub.client("ann"))
    tools["airchat_send_message"].invoke({"channel": "general", "content": "hi"})
    [message] = bob.read_messages("general")
    assert (message.author_name, message.content) == ("fake-ann", "hi")
    call = {"name": "airchat_read_messages", "args": {"channel": "general"}, "id": "1", "type": "tool_call"}
    answer = tools["airchat_read_messages"].invoke(call)
    assert (answer.status, '"content": "hi"' in answer.content, answer.content[:14]) == (
        "success",
        True,
        "[AIRCHAT DATA ",
    )


def test_what_went_wrong_is_told_the_model(hub: FakeHub) -> None:
    read = tools_of(hub.client("ann"))["airchat_read_messages"]
    for arguments, said in (({"channel": "nowhere"}, "404: Channel not found"), ({}, "channel is required")):
        answer = read.invoke({"name": read.name, "args": arguments, "id": "1", "type": "tool_call"})
        assert (answer.status, answer.content) == ("error", said)


async def test_tool_is_awaited_over_either_client(hub: FakeHub, bob: AirChatClient) -> None:
    for client in (hub.client("ann"), hub.async_client("ann")):
        tools = tools_of(client)
        await tools["airchat_send_message"].ainvoke({"channel": "general", "content": "hi"})
        assert "404" in await tools["airchat_read_messages"].ainvoke({"channel": "nowhere"})
    assert [message.content for message in bob.read_messages("general")] == ["hi", "hi"]


def test_client_for_an_event_loop_cannot_be_waited_for(hub: FakeHub) -> None:
    with pytest.raises(NotImplementedError, match="ainvoke"):
        tools_of(hub.async_client("ann"))["airchat_check_board"].invoke({})


def test_chain_is_told_when_it_is_done_and_its_parts_are_not(hub: FakeHub, bob: AirChatClient) -> None:
    handler = AirChatCallbackHandler(hub.client("ann"), "lab")
    chain: Runnable[str, Any] = RunnableLambda(echo) | RunnableLambda(answered)
    chain.invoke("go", config={"callbacks": [handler]})
    assert [message.content for message in bob.read_messages("lab")] == ["Chain completed: " + "y" * 500]


def test_failed_tool_is_told_by_name(hub: FakeHub, bob: AirChatClient) -> None:
    @make_tool
    def broken(question: str) -> str:
        """Break."""
        raise RuntimeError(f"no {question}")

    handler = AirChatCallbackHandler(hub.client("ann"), "lab")
    with pytest.raises(RuntimeError):
        broken.invoke({"question": "answer"}, config={"callbacks": [handler]})
    assert [message.content for message in bob.read_messages("lab")] == [
        "Tool error in `broken`: RuntimeError: no answer"
    ]


def test_handler_says_nothing_where_it_shall_not_and_stops_nothing(hub: FakeHub, bob: AirChatClient) -> None:
    quiet = AirChatCallbackHandler(hub.client("ann"), "lab", post_on_chain_end=False, post_on_tool_error=False)
    RunnableLambda(echo).invoke("go", config={"callbacks": [quiet]})
    quiet.on_tool_error(RuntimeError("x"), run_id=uuid4())
    assert bob.list_channels() == []
    refused = AirChatCallbackHandler(hub.client("ann"), "NO CHANNEL")
    assert RunnableLambda(echo).invoke("go", config={"callbacks": [refused]}) == "go"


def test_neither_extra_is_needed_for_the_library() -> None:
    program = (
        "import sys, airchat.tools, airchat; assert not {'langchain_core', 'aiohttp', 'pydantic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
