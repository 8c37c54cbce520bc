"""Guards and usage over HTTP, with the rules that a hub has by itself."""

import asyncio

import pytest

from airchat.protocol.principals import Kind
from tests.hub.api.site import Caller, Site

MESSAGES = "/api/v2/messages"


@pytest.fixture
async def pat(site: Site) -> Caller:
    return await site.caller("pat", kind=Kind.PERSON)


async def talk(ann: Caller, bob: Caller, times: int) -> list[dict[str, object]]:
    """Let two agents answer each other; return the messages."""
    said = []
    for turn in range(times):
        me, other = (ann, bob) if turn % 2 == 0 else (bob, ann)
        body = {"channel": "lab", "content": f"@{other.name} {turn}"}
        said.append((await me.post(MESSAGES, body)).data["message"])
    return said


async def waiting(caller: Caller) -> list[str]:
    items = (await caller.get("/api/v2/inbox", peek="true")).data["items"]
    return [item["message"]["content"] for item in items]


async def test_held_message_is_told_to_its_sender_and_let_go_by_a_person(ann: Caller, bob: Caller, pat: Caller) -> None:
    said = await talk(ann, bob, 9)
    assert [message.get("not_woken") for message in said] == [None] * 7 + [
        [{"name": "ann", "guard": "streak"}],
        [{"name": "bob", "guard": "streak"}],
    ]
    [receipt] = (await ann.get(f"{MESSAGES}/{said[8]['id']}/receipts")).data["receipts"]
    assert (receipt["name"], receipt["state"], receipt["held"]) == ("bob", "held", "streak")
    assert len(await waiting(ann)) == 3
    assert len((await ann.get("/api/v2/work")).data["mentions"]) == 3
    held = (await pat.get("/api/v2/guards")).data["held"]
    assert [(row["agent"], row["sender"], row["channel"], row["guard"]) for row in held] == [
        ("ann", "bob", "lab", "streak"),
        ("bob", "ann", "lab", "streak"),
    ]
    notices = [it for it in (await pat.get(MESSAGES, channel="lab")).data["messages"] if it["author_name"] == "system"]
    assert [it["metadata"] for it in notices] == [{"guard": "streak"}]

    await pat.post(MESSAGES, {"channel": "lab", "content": "go on"})
    for _ in range(500):
        if len(await waiting(ann)) == 4:
            break
        await asyncio.sleep(0.02)
    assert (await pat.get("/api/v2/guards")).data["held"] == []
    assert (await ann.get(f"{MESSAGES}/{said[8]['id']}/receipts")).data["receipts"][0]["state"] == "queued"


async def test_only_people_let_agents_go_on(ann: Caller, bob: Caller, pat: Caller) -> None:
    await talk(ann, bob, 8)
    place = "/api/v2/guards/continue"
    assert (await ann.post(place, {"channel": "lab"})).status == 403
    assert (await pat.post(place, {})).status == 400
    assert (await pat.post(place, {"channel": "nowhere"})).status == 404
    assert (await pat.post(place, {"channel": "lab"})).data == {"released": 1}
    assert (await pat.post(place, {"channel": "lab"})).data == {"released": 0}


async def test_cause_of_a_message_tells_its_distance_from_people(ann: Caller, bob: Caller, pat: Caller) -> None:
    first = (await pat.post(MESSAGES, {"channel": "lab", "content": "@ann go"})).data["message"]
    assert first["hop_count"] == 0
    [item] = (await ann.get("/api/v2/inbox")).data["items"]
    body = {"channel": "elsewhere", "content": "@bob go", "in_reply_to": item["id"]}
    second = (await ann.post(MESSAGES, body)).data["message"]
    assert second["hop_count"] == 1
    third = (await bob.post("/api/v2/dm", {"target_agent": "ann", "content": "ok", "in_reply_to": second["id"]})).data
    assert third["message"]["hop_count"] == 2
    refused = await ann.post(MESSAGES, body | {"in_reply_to": "that one"})
    assert (refused.status, refused.body["field"]) == (400, "in_reply_to")


async def test_usage_is_added_up_by_model_and_source(ann: Caller, bob: Caller, pat: Caller) -> None:
    asked = (await pat.post(MESSAGES, {"channel": "lab", "content": "@ann go"})).data["message"]
    turn = {"model": "m", "input_tokens": 10, "output_tokens": 5, "cost_usd": 0.25, "cause_id": asked["id"]}
    for recorded in (True, False):
        answer = await ann.post("/api/v2/usage", turn, headers={"Idempotency-Key": "turn 1"})
        assert answer.data == {"recorded": recorded}
    await ann.post("/api/v2/usage", turn | {"cause_id": None, "cost_usd": None, "channel": "lab", "sender": "pat"})
    session = {"session_id": "s", "model": "m", "input_tokens": 100, "output_tokens": 10}
    first = (await ann.post("/api/v2/usage/report", session)).data
    assert (first["delta"]["input_tokens"], first["restarted"], first["recorded"]) == (100, False, True)
    grown = (await ann.post("/api/v2/usage/report", session | {"input_tokens": 130, "cache_read_tokens": 7})).data
    assert grown["delta"] == {
        "input_tokens": 30,
        "output_tokens": 0,
        "cache_read_tokens": 7,
        "cache_creation_tokens": 0,
    }
    again = (await ann.post("/api/v2/usage/report", session | {"input_tokens": 4, "output_tokens": 1})).data
    assert (again["delta"]["input_tokens"], again["restarted"]) == (4, True)
    turns = {"model": "m", "input_tokens": 0, "session_id": "by turns"}
    await ann.post("/api/v2/usage", turns)
    reported = (await ann.post("/api/v2/usage/report", session | {"session_id": "by turns"})).data
    assert (reported["recorded"], reported["delta"]["input_tokens"]) == (True, 0), "its turns have told it"
    await ann.post("/api/v2/usage/served", {"tokens": 1234, "tools": {"read_messages": 3}})

    usage = (await bob.get("/api/v2/usage", agent="ann", window="7d")).data["usage"]
    lines = [(it["model"], it["source"], it["input_tokens"], it["events"]) for it in usage["breakdown"]]
    assert lines == [("m", "report", 134, 3), ("m", "turn", 20, 3), ("unknown", "served", 1234, 1)]
    assert (usage["agent"], usage["totals"]["input_tokens"], usage["est_cost_usd"]) == ("ann", 1388, 0.25)
    everybody = (await bob.get("/api/v2/usage", all="true")).data["usage"]
    assert [(it["agent"], it["totals"]["output_tokens"]) for it in everybody["agents"]] == [("ann", 21)]
    assert (await bob.get("/api/v2/usage")).data["usage"]["breakdown"] == []
    assert (await bob.get("/api/v2/usage", agent="nobody")).status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"window": "7d", "since": "2026-01-01T00:00:00Z"}, "window"),
        ({"until": "2026-01-01T00:00:00Z"}, "until"),
        ({"since": "2026-01-01T00:00:00Z", "until": "2026-04-02T00:00:00Z"}, "since"),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "until"),
        ({"all": "true", "agent": "ann"}, "all"),
        ({"window": "1h"}, "window"),
    ],
)
async def test_usage_of_impossible_times_is_refused(ann: Caller, query: dict[str, str], field: str) -> None:
    answer = await ann.get("/api/v2/usage", **query)
    assert (answer.status, answer.body.get("field")) == (400, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"turns": 0}, "turns"),
        ({"input_tokens": 10**9 + 1}, "input_tokens"),
        ({"output_tokens": -1}, "output_tokens"),
        ({"cost_usd": -0.1}, "cost_usd"),
        ({"cost_usd": 1e300}, "cost_usd"),
        ({"channel": "nowhere"}, "channel"),
        ({"sender": "nobody"}, "sender"),
        ({"cause_id": "00000000-0000-4000-8000-000000000000"}, "cause_id"),
        ({"model": "m" * 201}, "model"),
    ],
)
async def test_impossible_usage_is_refused_by_field(ann: Caller, body: dict[str, object], field: str) -> None:
    answer = await ann.post("/api/v2/usage", body)
    assert (answer.status, answer.body.get("field")) == (400, field), answer
    assert (await ann.get("/api/v2/usage")).data["usage"]["breakdown"] == []


async def test_completed_task_tells_what_it_took(ann: Caller, bob: Caller) -> None:
    task = (await ann.post("/api/v2/tasks", {"channel": "lab", "title": "Do it"})).data["task"]
    place = f"/api/v2/tasks/{task['id']}"
    await bob.post(place, {"action": "claim"})
    bad = await bob.post(place, {"action": "complete", "result": "done", "usage": {"model": "m", "input_tokens": -1}})
    assert bad.status == 400
    assert (await bob.get(place)).data["task"]["status"] == "claimed"
    usage = {"model": "m", "input_tokens": 3, "output_tokens": 4}
    done = await bob.post(place, {"action": "complete", "result": "done", "usage": usage})
    assert done.data["task"]["status"] == "done"
    [line] = (await bob.get("/api/v2/usage")).data["usage"]["breakdown"]
    assert (line["model"], line["input_tokens"], line["output_tokens"]) == ("m", 3, 4)
