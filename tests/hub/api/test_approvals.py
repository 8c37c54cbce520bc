"""Approvals from an agent's question to its answer, over HTTP."""

import asyncio
import time

import pytest

from airchat import Approval, AsyncAirChatClient
from airchat.config import AirChatConfig
from airchat.protocol.principals import Kind, Role
from tests.hub.api.site import Caller, Site

APPROVALS = "/api/v2/approvals"


@pytest.fixture
async def owner(site: Site) -> Caller:
    return await site.caller("olga", Role.OWNER, Kind.PERSON)


def client_of(caller: Caller) -> AsyncAirChatClient:
    return AsyncAirChatClient(AirChatConfig(caller.site.hub.address, "box", "", token=caller.key))


async def test_answer_reaches_the_waiting_agent_at_once(ann: Caller, owner: Caller) -> None:
    async with client_of(ann) as agent, client_of(owner) as person:
        asked = await agent.request_approval("ops", "Bash", "make deploy", expires_seconds=600)
        waiting = asyncio.create_task(agent.wait_for_approval(asked.id, 30))
        other = await agent.request_approval("ops", "Bash", "make other")
        await person.answer_approval(other.short_id, "deny")
        [found] = await person.list_approvals("pending", for_me=True)
        assert (found.id, found.request, found.requested_by_name) == (asked.id, "make deploy", "ann")
        before = time.monotonic()
        answered = await person.answer_approval(asked.short_id, "approve", "fine")
        told = await waiting
        assert time.monotonic() - before < 15
        assert told == answered
        assert (told.approved, told.answered_by_name, told.reason) == (True, "olga", "fine")
        assert await agent.wait_for_approval(other.id, 30) == await agent.get_approval(other.short_id)


async def test_waiting_ends_with_the_patience(ann: Caller, owner: Caller) -> None:
    async with client_of(ann) as agent:
        asked: Approval = await agent.request_approval("ops", "Bash", "make", approvers=[owner.name])
        with pytest.raises(TimeoutError):
            await agent.wait_for_approval(asked.id, 0.1)
        assert (await agent.answer_approval(asked.id, "cancel")).state == "cancelled"


async def test_second_answer_is_told_who_answered(ann: Caller, bob: Caller, owner: Caller) -> None:
    asked = (await ann.post(APPROVALS, {"channel": "ops", "tool": "Bash", "request": "make"})).data["approval"]
    place = f"{APPROVALS}/{asked['id']}"
    for caller in (ann, bob):
        refused = await caller.post(place, {"action": "approve"})
        assert (refused.status, refused.body["code"]) == (403, "forbidden")
    assert (await owner.post(place, {"action": "deny"})).data["approval"]["state"] == "denied"
    late = await owner.post(place, {"action": "approve"})
    assert (late.status, late.body["code"]) == (409, "conflict")
    assert "was denied by olga at" in late.body["error"]
    trail = (await owner.get("/api/v2/audit")).data["entries"]
    assert [it["action"] for it in trail if it["subject"] == asked["id"]] == [
        "approval.denied",
        "approval.refused",
        "approval.refused",
        "approval.requested",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tool": None}, "tool"),
        ({"request": " "}, "request"),
        ({"request": "x" * 8001}, "request"),
        ({"tool": "x" * 101}, "tool"),
        ({"expires_seconds": 9}, "expires_seconds"),
        ({"expires_seconds": 86_401}, "expires_seconds"),
        ({"approvers": ["nobody"]}, "approvers"),
        ({"parent_message_id": "x"}, "parent_message_id"),
        ({"channel": "direct-messages"}, "parent_message_id"),
    ],
)
async def test_bad_questions_are_refused_by_field(
    ann: Caller, owner: Caller, change: dict[str, object], field: str
) -> None:
    body = {"channel": "ops", "tool": "Bash", "request": "make"} | change
    answer = await ann.post(APPROVALS, body)
    assert (answer.status, answer.body.get("field")) == (400, field), answer
    assert (await owner.get(APPROVALS)).data["approvals"] == []
