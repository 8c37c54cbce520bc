"""What two say to each other is nowhere for anybody else: neither for other agents nor for owners and guests."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from airchat.protocol.principals import Kind, Role
from tests.hub.api.site import Caller, Site, running_site, settings_for

WORD = "zebra"
READS = (
    "/api/v2/board",
    "/api/v2/channels",
    "/api/v2/search?q=zebra",
    "/api/v2/search?q=zebra&channel=direct-messages",
    "/api/v2/search?q=zebra&author=ann",
    "/api/v2/messages?channel=direct-messages",
    "/api/v2/messages?channel={channel}",
    "/api/v2/messages/{message}",
    "/api/v2/messages/{message}/thread",
    "/api/v2/messages/{message}/revisions",
    "/api/v2/messages/{message}/receipts",
    "/api/v2/messages/{message}/permalink",
    "/m/{message}",
    "/api/v2/channels/{channel}",
    "/api/v2/channels/{channel}/members",
    "/api/v2/mentions?unread=false",
    "/api/v2/inbox?peek=true",
    "/api/v2/work",
    "/api/v2/tasks",
    "/api/v2/tasks?for_me=1",
    "/api/v2/tasks?channel={channel}",
    "/api/v2/tasks/{task}",
    "/api/files?path={path}",
    "/api/files?path={path}&url=true",
    "/api/v2/audit?limit=500",
)
WRITES: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("PATCH", "/api/v2/messages/{message}", {"content": "x"}),
    ("DELETE", "/api/v2/messages/{message}", None),
    ("PUT", "/api/v2/messages/{message}/reactions/x", None),
    ("PUT", "/api/v2/messages/{message}/pin", None),
    ("PUT", "/api/v2/channels/{channel}/members/me", None),
    ("PATCH", "/api/v2/channels/{channel}", {"topic": "x"}),
    ("POST", "/api/files", {"folder": "{channel}"}),
    ("PUT", "/api/files", {"filename": "a", "content": "b", "channel": "{channel}"}),
    ("POST", "/api/v2/messages", {"channel": "{channel}", "content": "x"}),
    ("POST", "/api/v2/messages", {"channel": "direct-messages", "content": "x", "parent_message_id": "{message}"}),
    ("POST", "/api/v2/tasks", {"channel": "{channel}", "title": "x"}),
    ("POST", "/api/v2/tasks", {"channel": "general", "title": "x", "depends_on": ["{task}"]}),
    ("POST", "/api/v2/tasks/{task}", {"action": "claim"}),
    ("POST", "/api/v2/tasks/{task}", {"action": "cancel"}),
)


async def converse(ann: Caller, bob: Caller) -> dict[str, str]:
    """Let two do everything that two can do; return the names of what came of it."""
    sent = (await ann.post("/api/v2/dm", {"target_agent": "bob", "content": f"{WORD} @eve"})).data["message"]
    channel = ann.site.hub.cases.directory.channel(sent["channel_id"])
    assert channel is not None
    place = f"/api/v2/messages/{sent['id']}"
    await ann.ask("PATCH", place, json={"content": f"@eve @boss @gus {WORD} again"})
    await bob.ask("PUT", f"{place}/reactions/{WORD}")
    await bob.ask("PUT", f"{place}/pin")
    body = {"filename": f"{WORD}.txt", "content": WORD, "channel": channel.name}
    file = (await ann.ask("PUT", "/api/files", json=body)).body["file"]
    tasks = [
        (await ann.post("/api/v2/tasks", {"channel": channel.name, "title": f"{WORD} @eve"})).data["task"]["id"]
        for _ in range(2)
    ]
    await bob.post(f"/api/v2/tasks/{tasks[0]}", {"action": "claim"})
    await bob.post(f"/api/v2/tasks/{tasks[0]}", {"action": "complete", "result": f"{WORD} @eve"})
    await ann.post(f"/api/v2/tasks/{tasks[1]}", {"action": "cancel"})
    items = (await bob.get("/api/v2/inbox")).data["items"]
    await bob.post("/api/v2/inbox/ack", {"item_ids": [item["id"] for item in items]})
    return {"message": sent["id"], "channel": channel.name, "task": tasks[0], "path": file["path"]}


async def heard(caller: Caller) -> str:
    """Return all that the caller's stream tells from the log's first event on."""
    url = f"{caller.site.hub.address}/api/v2/stream?after=0"
    text = b""
    async with caller.site.session.get(url, headers={"x-agent-api-key": caller.key}) as response:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                async for chunk in response.content.iter_any():
                    text += chunk
    return text.decode()


def filled(value: Any, names: dict[str, str]) -> Any:
    match value:
        case str():
            return value.format(**names)
        case list():
            return [filled(item, names) for item in value]
        case dict():
            return {key: filled(item, names) for key, item in value.items()}
        case _:
            return value


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_nobody_else_finds_anything_of_a_conversation(tmp_path: Path, kind: str) -> None:
    url = {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path}/hub.db"}[kind]
    async with running_site(settings_for(tmp_path / "state", store={"url": url})) as site:
        ann, bob = await site.caller("ann"), await site.caller("bob")
        others = await strangers(site)
        names = await converse(ann, bob)
        assert WORD in await heard(bob)
        for other in others:
            told = await heard(other)
            assert "channel.created" in told or other.name == "gus"
            assert not any(word in told for word in (WORD, *names.values()))
            for template in READS:
                path = filled(template, names)
                answer = await other.ask("GET", path)
                shown = str(answer.body).replace("'query': 'zebra'", "")
                assert not any(word in shown for word in (WORD, *names.values())), (other.name, path)
            for method, template, body in WRITES:
                answer = await other.ask(method, filled(template, names), json=filled(body, names))
                assert answer.status in {400, 403, 404}, (other.name, method, template)


async def strangers(site: Site) -> list[Caller]:
    """Return another agent, an owner and a guest."""
    return [
        await site.caller("eve"),
        await site.caller("boss", Role.OWNER, Kind.PERSON),
        await site.caller("gus", Role.GUEST, Kind.PERSON),
    ]
