import json
from pathlib import Path

import pytest
from mcp import Client
from mcp_types import CallToolResult, Tool

from airchat.call import Reply
from airchat.text import MENTION_CUT
from mcp_server.desk import Desk
from mcp_server.server import AgentServer, agent_server, setup_server
from mcp_server.tools.files import TEXT_LENGTH
from tests.mcp_server.conftest import Call, error, text
from tests.mcp_server.hub import ScriptedHub, refusal, uuid
from tests.mcp_server.test_guide import SEED_TOOLS, TOOLS
from tests.mcp_server.tokens import cautious, usual

SENDING = {
    "send_message",
    "send_direct_message",
    "upload_file",
    "post_task",
    "update_task",
    "request_approval",
    "answer_approval",
}
SETTING = {"mark_mentions_read", "react", "set_card", "reserve_files", "release_files"}
DESTROYING = {"edit_message", "delete_file"}
ALWAYS = {
    "airchat_help",
    "check_work",
    "catch_up",
    "read_messages",
    "read_thread",
    "send_message",
    "send_direct_message",
    "mark_mentions_read",
}
LONGEST_LIST = 2_500
"""Tokens that the list of tools may cost."""


def listed(tools: list[Tool]) -> str:
    """Return what a model is told of tools: names, descriptions, schemas."""
    told = [{"name": it.name, "description": it.description, "input_schema": it.input_schema} for it in tools]
    return json.dumps(told, ensure_ascii=False)


async def offered(agent: Desk) -> list[Tool]:
    async with Client(agent_server(lambda: agent, "@laptop-myapp")) as client:
        return (await client.list_tools()).tools


async def test_tools_are_those_of_airchat_and_more(agent: Desk) -> None:
    async with Client(agent_server(lambda: agent, "@laptop-myapp")) as client:
        tools = (await client.list_tools()).tools
        assert client.server_info is not None
        assert client.server_info.name == "airchat"
        assert client.instructions is not None
        assert "@laptop-myapp" in client.instructions
    assert {tool.name for tool in tools} == TOOLS
    assert SEED_TOOLS <= TOOLS
    assert all(tool.output_schema is None for tool in tools)
    assert all(tool.description and "\n" not in tool.description for tool in tools)


async def test_tools_cost_few_tokens(agent: Desk) -> None:
    tools = await offered(agent)
    always = [tool for tool in tools if (tool.meta or {}).get("anthropic/alwaysLoad")]
    assert {tool.name for tool in always} == ALWAYS
    assert usual(listed(tools)) < LONGEST_LIST
    assert cautious(listed(always)) < LONGEST_LIST


async def test_schemas_say_what_helps_and_no_more(agent: Desk) -> None:
    schemas = {tool.name: tool.input_schema for tool in await offered(agent)}
    assert schemas["read_messages"] == {
        "type": "object",
        "properties": {
            "channel": {"type": "string"},
            "limit": {"default": 20, "type": "integer"},
            "before": {"description": "ISO-8601", "type": "string"},
            "after": {"type": "integer"},
            "full": {"default": False, "type": "boolean"},
        },
        "required": ["channel"],
    }
    assert schemas["list_channels"]["properties"] == {
        "type": {"enum": ["project", "technology", "environment", "global"], "type": "string"}
    }


async def test_tools_say_what_they_change(agent: Desk) -> None:
    hints = {tool.name: tool.annotations for tool in await offered(agent)}
    changing = SENDING | SETTING | DESTROYING
    assert {name for name, hint in hints.items() if hint and hint.read_only_hint} == TOOLS - changing
    assert {name for name, hint in hints.items() if hint and hint.destructive_hint is False} == SENDING | SETTING
    assert {name for name, hint in hints.items() if hint and hint.destructive_hint} == DESTROYING
    assert {name for name, hint in hints.items() if hint and hint.idempotent_hint} == SETTING


async def test_longest_usual_results_reach_the_model_whole(agent: Desk, hub: ScriptedHub, call: Call) -> None:
    allowed = {tool.name: (tool.meta or {})["anthropic/maxResultSizeChars"] for tool in await offered(agent)}
    assert allowed.keys() == TOOLS
    hub.answers["GET /api/files"] = Reply(200, {"content-type": "text/plain"}, b"\n" * TEXT_LENGTH)
    file = text(await call("download_file", file_path="general/1-a.txt"))
    assert TEXT_LENGTH < len(file) <= allowed["download_file"]
    row = {"mention_id": uuid(2), "message_id": uuid(1), "channel": "general", "from": "server-api"}
    row |= {"content": "x" * MENTION_CUT, "timestamp": "2026-01-31T08:15:01.000000+00:00"}
    hub.answers["GET /api/v2/mentions"] = {"mentions": [row | {"read": False}] * 20}
    mentions = text(await call("check_mentions"))
    assert 20 * MENTION_CUT < len(mentions) <= allowed["check_mentions"]


async def test_argument_that_a_host_adds_for_itself_does_no_harm(hub: ScriptedHub, call: Call) -> None:
    hub.answers["GET /api/v2/board"] = {"channels": []}
    assert not (await call("check_board", wait_for_previous=True)).is_error


BAD: list[tuple[str, dict[str, object], str]] = [
    ("read_messages", {}, "channel: Field required"),
    ("read_messages", {"channel": "General"}, "channel: 2-100 characters: lower-case letters, digits and hyphens, st"),
    ("read_messages", {"channel": "gen\neral"}, "channel: 2-100 characters: lower-case letters, digits and hyphens"),
    ("read_messages", {"channel": "general", "limit": 0}, "limit: Input should be greater than or equal to 1"),
    ("read_messages", {"channel": "general", "limit": 201}, "limit: Input should be less than or equal to 200"),
    ("read_messages", {"channel": "general", "limit": "20"}, "limit: Input should be a valid integer"),
    ("read_messages", {"channel": "general", "limit": True}, "limit: Input should be a valid integer"),
    ("read_messages", {"channel": "general", "full": "yes"}, "full: Input should be a valid boolean"),
    ("read_messages", {"channel": "general", "before": "yesterday"}, "before: a moment such as 2026-01-31T09:00:00Z"),
    ("read_messages", {"channel": "general", "after": -1}, "after: Input should be greater than or equal to 0"),
    ("list_channels", {"type": "gossip"}, "type: Input should be 'project', 'technology', 'environment' or 'global'"),
    ("send_message", {"channel": "general", "content": ""}, "content: String should have at least 1 character"),
    (
        "send_message",
        {"channel": "general", "content": "x" * 32_001},
        "content: String should have at most 32000 characters",
    ),
    (
        "send_message",
        {"channel": "general", "content": "x", "parent_message_id": "1; DROP"},
        "parent_message_id: a whole id, as the tools show it: 36 characters",
    ),
    (
        "send_message",
        {"channel": "general", "content": "x", "thread_id": uuid(1)},
        "thread_id: there is no such argument; send_message takes channel, content, parent_message_id, client_key",
    ),
    ("check_board", {"all": True}, "all: there is no such argument; check_board takes no arguments"),
    ("send_message", {"channel": "general", "content": "x", "client_key": "a\nb"}, "client_key: 1-200 printable"),
    ("search_messages", {"query": "x" * 501}, "query: String should have at most 500 characters"),
    ("check_mentions", {"limit": 101}, "limit: Input should be less than or equal to 100"),
    (
        "mark_mentions_read",
        {"mention_ids": []},
        "mention_ids: List should have at least 1 item after validation, not 0",
    ),
    ("mark_mentions_read", {"mention_ids": ["x"]}, "mention_ids.0: a whole id, as the"),
    ("send_direct_message", {"target_agent": "B b", "content": "x"}, "target_agent: 2-100 characters: lower-"),
    ("upload_file", {"filename": "", "content": "x", "channel": "general"}, "filename: String should have at least 1"),
    ("get_file_url", {"file_path": "x" * 501}, "file_path: String should have at most 500 characters"),
    ("edit_message", {"message_id": uuid(1)}, "content: give either a new text or delete=true"),
    ("edit_message", {"message_id": uuid(1), "content": "x", "delete": True}, "content: give either a new text"),
    ("react", {"message_id": uuid(1), "emoji": ""}, "emoji: String should have at least 1 character"),
    ("post_task", {"channel": "general", "title": "x" * 201}, "title: String should have at most 200 characters"),
    (
        "post_task",
        {"channel": "general", "title": "x", "capability_tags": ["A B"]},
        "capability_tags.0: 1-50 characters",
    ),
    ("update_task", {"task_id": uuid(1), "action": "steal"}, "action: Input should be 'claim', 'renew', 'release'"),
    ("update_task", {"task_id": uuid(1), "action": "complete"}, "result: is given with complete, and only then"),
    ("update_task", {"task_id": uuid(1), "action": "claim", "result": "x"}, "result: is given with complete"),
    ("find_agents", {"active_within": "2y"}, "active_within: Input should be '15m'"),
]


@pytest.mark.parametrize("bad", BAD)
async def test_bad_argument_is_named_with_its_rule(
    agent: Desk, server: AgentServer, hub: ScriptedHub, bad: tuple[str, dict[str, object], str]
) -> None:
    tool, arguments, expected = bad
    result = await server.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    said = error(result)
    assert said.startswith(f"Error: {expected}")
    assert "\n" not in said
    assert "http" not in said
    assert hub.calls == []


async def test_null_stands_for_an_absent_option(call: Call, hub: ScriptedHub) -> None:
    hub.answers["GET /api/v2/channels"] = {"channels": []}
    assert not (await call("list_channels", type=None)).is_error


async def test_names_can_be_written_as_people_do(call: Call, hub: ScriptedHub) -> None:
    hub.answers["GET /api/v2/messages"] = {"messages": []}
    assert not (await call("read_messages", channel="#general")).is_error
    assert hub.calls[-1].params["channel"] == "general"


async def test_refusal_of_the_hub_is_told(call: Call, hub: ScriptedHub) -> None:
    hub.answers["GET /api/v2/board"] = refusal(429, "Rate limit exceeded. Try again later.", retry_after=7)
    assert error(await call("check_board")) == "Error: 429: Rate limit exceeded. Try again later."


async def test_unforeseen_error_keeps_its_text_to_itself(call: Call, hub: ScriptedHub) -> None:
    hub.answers["GET /api/v2/board"] = RuntimeError("secret")
    assert error(await call("check_board")) == "Error executing tool check_board"


async def test_unknown_tool_is_refused(call: Call) -> None:
    assert error(await call("drop_tables")) == "Error: Unknown tool: drop_tables"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_machine_that_is_not_set_up_gets_doctor_and_help(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with Client(setup_server(), mode=mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["airchat_doctor", "airchat_help"]
        assert "airchat join CODE@HOST" in text(await client.call_tool("airchat_help"))
        assert "MACHINE_NAME" in text(await client.call_tool("airchat_doctor"))
