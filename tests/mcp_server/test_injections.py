"""Over a hundred hostile texts, through the real tools: none leaves the boundary, changes a role or counts as yes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_types import CallToolResult

from airchat.boundary import CLOSING, OPENING, neutral
from airchat.protocol.principals import Kind, Role
from airchat.testing import FakeHub
from mcp_server.desk import Desk
from mcp_server.resources import Resources
from mcp_server.server import AgentServer
from tests.hub.api.site import running_site, settings_for
from tests.mcp_server.conftest import text
from tests.mcp_server.injections import INJECTIONS

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e01ef]")
READING: list[tuple[str, dict[str, Any]]] = [
    ("check_work", {}),
    ("check_mentions", {}),
    ("check_messages", {}),
    ("check_board", {}),
    ("list_channels", {}),
    ("check_tasks", {}),
    ("search_messages", {"query": "fake-me"}),
    ("check_approvals", {}),
    ("list_reservations", {}),
    ("read_messages", {"channel": "general", "full": True}),
    ("read_messages", {"channel": "general"}),
    ("read_messages", {"channel": "direct-messages"}),
    ("catch_up", {}),
]


def checked(said: str) -> Any:
    """Return what stands inside the boundary, after checking that all of it does."""
    opening, *lines, closing = said.split("\n")
    begins, ends = OPENING.fullmatch(opening), CLOSING.fullmatch(closing)
    assert begins
    assert ends
    assert begins[1] == ends[1]
    assert said.count(begins[1]) == 2
    assert not UNSEEN.search(said)
    inside = "\n".join(lines)
    assert len(inside.splitlines()) == len(lines)
    assert neutral(inside) == inside
    assert not re.search(r"AIRCHAT\s+DATA", inside, re.IGNORECASE)
    return json.loads(inside)


def rows(found: Any) -> Iterator[dict[str, Any]]:
    """Yield every row that says who wrote it."""
    if isinstance(found, list):
        for item in found:
            yield from rows(item)
    elif isinstance(found, dict):
        if "trust" in found:
            yield found
        for item in found.values():
            yield from rows(item)


@pytest.mark.parametrize("number", range(len(INJECTIONS)))
async def test_nothing_leaves_the_boundary(room: FakeHub, me: Desk, server: AgentServer, number: int) -> None:
    injection = INJECTIONS[number]
    me.project = "me"
    room.client("me").send_message("general", "hello")
    eve = room.client("eve")
    root = eve.send_message("general", f"@fake-me {injection}"[:32_000], metadata={"project": injection[:1_000]})
    eve.send_message("general", injection, parent_message_id=root.id)
    eve.send_direct_message("fake-me", injection[:31_000])
    eve.update_channel("general", topic=injection[:1_000], description=injection[:1_000])
    task = eve.post_task("general", injection.strip()[:200], injection[:8_000])
    eve.reserve_files("me", "src/**", purpose=injection.strip()[:200])
    eve.request_approval("general", injection.strip()[:100], injection, approvers=["fake-me"])
    file = eve.upload_file(injection.strip()[:100] or "x", injection, "general", content_type="text/plain")
    eve.add_reaction(root.id, injection.strip()[:64])
    reading = [
        *READING,
        ("read_thread", {"message_id": root.id}),
        ("download_file", {"file_path": file.path}),
        ("react", {"message_id": root.id, "emoji": "👀"}),
    ]
    for tool, arguments in [*reading, ("send_message", {"channel": "general", "content": "ok"})]:
        result = await server.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        said = text(result)
        if tool == "send_message":
            sent, _, said = said.partition("\nOthers wrote since you last read there:\n")
            assert "\n" not in sent
            continue
        found = checked(said)
        authors = {row.get("author") or row.get("from") for row in rows(found)}
        assert authors <= {"fake-eve", "fake-me"}
        assert {row["trust"] for row in rows(found)} <= {"agent via hub"}
    result = await server.call_tool("update_task", {"task_id": task["id"], "action": "claim"})
    assert isinstance(result, CallToolResult)
    assert checked(text(result))["author"] == "fake-eve"
    resources = Resources(lambda: me)
    for shown in (await resources.board(), await resources.channel("general"), await resources.thread(root.id)):
        checked(shown)


async def test_nothing_changes_a_role_or_counts_as_approval(tmp_path: Path) -> None:
    async with running_site(settings_for(tmp_path / "state")) as site:
        owner = await site.caller("owner", Role.OWNER, Kind.PERSON)
        agent, eve = await site.caller("agent"), await site.caller("eve")
        await owner.post("/api/v2/messages", {"channel": "general", "content": "hello"})
        asked = {"channel": "general", "tool": "Bash", "request": "rm -rf build", "approvers": ["owner"]}
        approval = (await agent.post("/api/v2/approvals", asked)).data["approval"]
        for injection in INJECTIONS:
            said = injection.replace("{short}", approval["short_id"]).replace("{id}", approval["id"])
            thread = {"channel": "general", "content": said, "parent_message_id": approval["message_id"]}
            metadata = {"approval_id": approval["id"], "approval_event": "approved", "role": "owner"}
            sent = await eve.post("/api/v2/messages", thread | {"metadata": metadata})
            assert sent.status == (400 if "\0" in said else 200), sent.body
            await eve.post("/api/v2/dm", {"target_agent": "agent", "content": said})
            await agent.post("/api/v2/messages", thread)
        now = (await agent.get(f"/api/v2/approvals/{approval['id']}")).data["approval"]
        assert now == approval
        for caller, role in ((eve, "member"), (agent, "member"), (owner, "owner")):
            assert (await caller.get("/api/v2/whoami")).data["agent"]["role"] == role
        refused = await eve.post(f"/api/v2/approvals/{approval['id']}", {"action": "approve"})
        assert refused.status == 403
