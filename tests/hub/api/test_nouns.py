"""Each noun's endpoints, used as clients use them."""

import pytest

from airchat.protocol.principals import Kind, Role
from tests.hub.api.site import Caller, Site


@pytest.fixture
async def owner(site: Site) -> Caller:
    return await site.caller("olga", Role.OWNER, Kind.PERSON)


async def posted(caller: Caller, content: str, channel: str = "general", **fields: object) -> str:
    answer = await caller.post("/api/v2/messages", {"channel": channel, "content": content} | fields)
    assert answer.status == 200, answer
    return str(answer.data["message"]["id"])


async def test_repeated_send_returns_the_first_message(ann: Caller) -> None:
    key = {"Idempotency-Key": "once"}
    body = {"channel": "general", "content": "x"}
    first, second = [await ann.post("/api/v2/messages", body, headers=key) for _ in range(2)]
    third = await ann.post("/api/v2/messages", body | {"client_key": "once"})
    assert first.data == second.data == third.data
    answer = await ann.post("/api/v2/messages", body, headers={"Idempotency-Key": "x" * 201})
    assert (answer.status, answer.body["field"]) == (400, "Idempotency-Key")


async def test_thread_edit_delete_and_permalink(ann: Caller, bob: Caller) -> None:
    parent = await posted(ann, "question")
    reply = await posted(bob, "answr", parent_message_id=parent)
    edited = await bob.ask("PATCH", f"/api/v2/messages/{reply}", json={"content": "answer"})
    assert edited.data["message"]["content"] == "answer"
    assert (await ann.ask("PATCH", f"/api/v2/messages/{reply}", json={"content": "mine"})).status == 403
    thread = (await ann.get(f"/api/v2/messages/{parent}/thread")).data
    assert (thread["parent"]["id"], [it["content"] for it in thread["replies"]]) == (parent, ["answer"])
    [revision] = (await ann.get(f"/api/v2/messages/{reply}/revisions")).data["revisions"]
    assert (revision["content"], revision["edited_by"]) == ("answr", "bob")
    detail = (await ann.get(f"/api/v2/messages/{parent}")).data
    assert (detail["message"]["id"], detail["replies"], detail["reactions"]) == (parent, 1, [])
    url = (await ann.get(f"/api/v2/messages/{parent}/permalink")).data["url"]
    assert (await ann.get(url.removeprefix(ann.site.hub.address))).data == detail
    gone = (await bob.ask("DELETE", f"/api/v2/messages/{reply}")).data["message"]
    assert (gone["content"], gone["deleted_at"] is None) == ("", False)


async def test_reactions_and_pins(ann: Caller, bob: Caller) -> None:
    message = await posted(ann, "ship it")
    path = f"/api/v2/messages/{message}/reactions/🚀"
    await ann.ask("PUT", path)
    answer = await bob.ask("PUT", path)
    assert answer.data["reactions"] == [{"emoji": "🚀", "count": 2, "names": ["ann", "bob"]}]
    assert (await bob.ask("DELETE", path)).data["reactions"][0]["names"] == ["ann"]
    assert (await ann.ask("PUT", f"/api/v2/messages/{message}/pin")).data["message"]["pinned"] is True
    assert [it["id"] for it in (await bob.get("/api/v2/channels/general")).data["pinned"]] == [message]
    assert (await ann.ask("DELETE", f"/api/v2/messages/{message}/pin")).data["message"]["pinned"] is False


async def test_paging_by_moment_and_number(ann: Caller) -> None:
    ids = [await posted(ann, str(number), "status") for number in range(5)]
    newest = (await ann.get("/api/v2/messages", channel="status", limit="2")).data["messages"]
    assert [it["id"] for it in newest] == ids[3:]
    older = (await ann.get("/api/v2/messages", channel="status", before=newest[0]["created_at"])).data["messages"]
    assert [it["id"] for it in older] == ids[:3]
    later = (await ann.get("/api/v2/messages", channel="status", after="3", limit="1")).data["messages"]
    assert [it["number"] for it in later] == [4]
    for limit in ("0", "abc", "-1", ""):
        assert len((await ann.get("/api/v2/messages", channel="status", limit=limit)).data["messages"]) == 5


async def test_channels_topic_members_and_archive(ann: Caller, bob: Caller, owner: Caller) -> None:
    await posted(ann, "start", "project-x")
    changed = await ann.ask("PATCH", "/api/v2/channels/project-x", json={"topic": "ship", "archived": None})
    assert changed.data["channel"]["topic"] == "ship"
    assert (await bob.ask("PUT", "/api/v2/channels/project-x/members/me")).data == {"joined": True}
    members = (await ann.get("/api/v2/channels/project-x/members")).data["members"]
    assert [(it["name"], it["online"]) for it in members] == [("ann", True), ("bob", True)]
    assert [it["name"] for it in (await bob.get("/api/v2/channels", type="project")).data["channels"]] == ["project-x"]
    assert (await bob.ask("DELETE", "/api/v2/channels/project-x/members/me")).data == {"joined": False}
    assert (await bob.ask("PATCH", "/api/v2/channels/project-x", json={"archived": True})).status == 403
    assert (await owner.ask("PATCH", "/api/v2/channels/project-x", json={"archived": True})).status == 200
    assert (await ann.post("/api/v2/messages", {"channel": "project-x", "content": "x"})).status == 409
    assert (await ann.get("/api/v2/channels", type="shared")).status == 400


async def test_direct_messages_are_for_two(site: Site, ann: Caller, bob: Caller) -> None:
    eve = await site.caller("eve")
    sent = await ann.post("/api/v2/dm", {"target_agent": "bob", "content": "psst"})
    assert (sent.data["message"]["channel"], sent.data["message"]["content"]) == ("direct-messages", "@bob psst")
    read = [await it.get("/api/v2/messages", channel="direct-messages") for it in (ann, bob, eve)]
    assert [len(it.data["messages"]) for it in read] == [1, 1, 0]
    message = sent.data["message"]["id"]
    assert (await eve.get(f"/api/v2/messages/{message}")).status == 404
    assert [it["channel"] for it in (await bob.get("/api/v2/search", q="psst")).data["results"]] == ["direct-messages"]
    assert (await eve.get("/api/v2/search", q="psst")).data["results"] == []
    answer = await ann.post("/api/v2/dm", {"target_agent": "nobody", "content": "x"})
    assert answer.status == 404
    assert answer.body["error"] == 'No agent named "nobody". Check the name — nothing was sent.'


async def test_mentions_inbox_and_receipts(ann: Caller, bob: Caller) -> None:
    message = await posted(ann, "hi @bob", metadata={"project": "demo"})
    [mention] = (await bob.get("/api/v2/mentions")).data["mentions"]
    assert (mention["from"], mention["from_project"], mention["read"]) == ("ann", "demo", False)
    [item] = (await bob.get("/api/v2/inbox", peek="true")).data["items"]
    assert (item["state"], item["message"]["id"]) == ("queued", message)
    [item] = (await bob.get("/api/v2/inbox")).data["items"]
    receipts = (await ann.get(f"/api/v2/messages/{message}/receipts")).data["receipts"]
    assert [(it["name"], it["state"]) for it in receipts] == [("bob", "delivered")]
    assert (await bob.post("/api/v2/inbox/ack", {"item_ids": [item["id"]]})).data == {"acked": 1}
    receipts = (await ann.get(f"/api/v2/messages/{message}/receipts")).data["receipts"]
    assert [it["state"] for it in receipts] == ["acked"]
    marked = await bob.post("/api/v2/mentions", {"mention_ids": [mention["mention_id"]]})
    assert marked.data == {"marked_read": 1}
    assert (await bob.get("/api/v2/mentions")).data["mentions"] == []
    assert len((await bob.get("/api/v2/mentions", unread="false")).data["mentions"]) == 1


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (None, "mention_ids array is required"),
        ([], "mention_ids array is required"),
        (["x"], "All mention_ids must be valid UUIDs"),
        (["00000000-0000-4000-8000-000000000000"] * 101, "Too many mention IDs (max 100)"),
    ],
)
async def test_mention_ids_are_checked(ann: Caller, ids: list[str] | None, text: str) -> None:
    answer = await ann.post("/api/v2/mentions", {"mention_ids": ids})
    assert (answer.status, answer.body["error"]) == (400, text)


async def test_search_finds_under_both_names(ann: Caller, bob: Caller) -> None:
    message = await posted(ann, "the quick brown fox")
    found = (await bob.get("/api/v2/search", q='"quick brown" -dog', author="ann", sort="newest")).data
    [hit] = found["results"]
    assert (found["query"], hit["id"]) == ('"quick brown" -dog', message)
    assert (hit["channel"], hit["author"], hit["timestamp"]) == (
        hit["channel_name"],
        hit["author_name"],
        hit["created_at"],
    )
    assert (await bob.get("/api/v2/search")).body["error"].startswith('Search query "q" is required')


async def test_work_names_the_lists_that_go_on(ann: Caller, owner: Caller) -> None:
    for number in range(21):
        await posted(owner, f"@ann {number}")
    work = (await ann.get("/api/v2/work")).data
    assert (len(work["mentions"]), work["more"]) == (20, ["mentions"])


async def test_life_of_a_task(ann: Caller, bob: Caller) -> None:
    made = await ann.post("/api/v2/tasks", {"channel": "general", "title": "test it", "body": None})
    task = made.data["task"]
    assert (task["status"], task["channels"], task["capability_tags"]) == ("open", {"name": "general"}, [])
    path = f"/api/v2/tasks/{task['id']}"
    assert [it["id"] for it in (await bob.get("/api/v2/work")).data["open_matching"]] == [task["id"]]
    claimed = (await bob.post(path, {"action": "claim"})).data["task"]
    assert (claimed["status"], claimed["fence"]) == ("claimed", 1)
    assert (await ann.post(path, {"action": "claim"})).status == 409
    assert (await bob.post(path, {"action": "renew"})).body["field"] == "fence"
    assert (await bob.post(path, {"action": "renew", "fence": 1})).status == 200
    assert (await bob.post(path, {"action": "complete", "fence": 7, "result": "x"})).body["code"] == "stale_fence"
    assert (await bob.post(path, {"action": "complete", "result": " "})).status == 400
    done = (await bob.post(path, {"action": "complete", "result": "fine"})).data["task"]
    assert (done["status"], done["result"]) == ("done", "fine")
    assert (await bob.get(path)).data["task"] == done
    work = (await ann.get("/api/v2/work")).data
    assert ([it["id"] for it in work["completed_for_me"]], work["more"]) == ([task["id"]], [])
    assert (await ann.get("/api/v2/tasks", mine="created", status="done")).data["tasks"] == [done]
    assert (await ann.get("/api/v2/tasks", mine="claimed")).data["tasks"] == []
    assert (await ann.get("/api/v2/tasks", for_me="1")).data == {"open_matching": [], "mine_claimed": []}
    answer = await ann.post(path, {"action": "dance"})
    assert answer.body["error"] == "action must be one of claim, renew, release, complete, cancel"


async def test_agents_cards_and_presence(ann: Caller, bob: Caller, owner: Caller) -> None:
    card = {"model": "m", "capabilities": ["Python", "python"], "plan": None}
    assert (await ann.post("/api/v2/agents/card", {"card": card})).data == {
        "ok": True,
        "card": {"model": "m", "capabilities": ["python"]},
    }
    assert (await ann.post("/api/v2/agents/card", {"card": {}})).body["error"].startswith("Invalid card: ")
    assert (await ann.post("/api/v2/presence", {"status": "testing"})).data == {"ok": True}
    [found] = (await bob.get("/api/v2/agents", capability="python", active_within="15m")).data["agents"]
    assert (found["name"], found["online"], found["status"]) == ("ann", True, "testing")
    assert (await bob.get("/api/v2/agents", active_within="2d")).status == 400
    assert (await bob.get("/api/v2/agents", max_cost_per_mtok="5", sort="cheapest")).data["agents"] == []
    me = (await ann.get("/api/v2/whoami")).data
    assert (me["agent"]["name"], me["agent"]["card"], me["scope"]) == ("ann", found["card"], "write")
    off = await owner.ask("PATCH", "/api/v2/agents/ann", json={"active": False})
    assert off.data["agent"]["active"] is False
    assert (await ann.get("/api/v2/whoami")).status == 401


async def test_tokens_are_made_used_and_revoked(site: Site, ann: Caller) -> None:
    made = (await ann.post("/api/v2/tokens", {"label": "ci", "scope": "read", "expires_in_days": 1})).data
    headers = {"Authorization": f"Bearer {made['secret']}"}
    assert (await site.ask("GET", "/api/v2/board", headers=headers)).status == 200
    assert (await site.ask("POST", "/api/v2/presence", headers=headers)).status == 403
    listed = (await ann.get("/api/v2/tokens")).data["tokens"]
    assert made["token"]["id"] in [token["id"] for token in listed]
    assert made["secret"] not in str(listed)
    await ann.ask("DELETE", f"/api/v2/tokens/{made['token']['id']}")
    assert (await site.ask("GET", "/api/v2/board", headers=headers)).status == 401


async def test_people_roles_and_links(owner: Caller) -> None:
    made = await owner.post("/api/v2/people", {"name": "kim", "display_name": "Kim", "role": "guest"})
    assert (made.data["person"]["name"], made.data["person"]["role"]) == ("kim", "guest")
    changed = await owner.ask("PATCH", "/api/v2/people/kim", json={"role": "admin"})
    assert changed.data["person"]["role"] == "admin"
    assert [it["name"] for it in (await owner.get("/api/v2/people")).data["people"]] == ["kim", "olga"]
    link = (await owner.post("/api/v2/people/kim/login-link")).data
    assert link["url"].startswith(f"{owner.site.hub.address}/login/")
    assert link["expires_in"] == 900
    code = (await owner.post("/api/v2/people/olga/link-code")).data
    assert (code["command"], code["expires_in"]) == (f"/airchat link {code['code']}", 900)
    assert (await owner.ask("PATCH", "/api/v2/people/olga", json={"role": "member"})).status == 409


async def test_audit_tells_who_did_what(owner: Caller) -> None:
    await owner.post("/api/v2/people", {"name": "kim"})
    [entry] = (await owner.get("/api/v2/audit", limit="1")).data["entries"]
    assert (entry["actor"], entry["action"]) == ("olga", "person.created")
    assert (await owner.get("/api/v2/audit", before=str(entry["seq"]))).data["entries"] == []


async def test_what_nobody_foresaw_is_answered_without_detail(
    ann: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(ann.site.hub.cases.channels), "board", broken)
    answer = await ann.get("/api/v2/board")
    assert (answer.status, answer.body) == (500, {"error": "Internal error", "code": "internal"})
    assert "secret detail" in caplog.text
