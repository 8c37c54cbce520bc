"""Every row with somebody's words says how far its author can be trusted."""

import pytest

from airchat.protocol.messages import Origin
from airchat.protocol.principals import Kind
from tests.hub.api.site import Caller, Site


@pytest.mark.parametrize(
    ("kind", "origin", "trust"),
    [
        (Kind.AGENT, Origin(), "agent"),
        (Kind.PERSON, Origin(), "person verified"),
        (Kind.GHOST, Origin("slack"), "person unverified"),
        (Kind.GHOST, Origin("irc", verified=False), "outside"),
        (Kind.GHOST, Origin(), "outside"),
        (Kind.SYSTEM, Origin(), "hub"),
    ],
)
async def test_messages_say_how_far_their_author_is_trusted(
    site: Site, ann: Caller, kind: Kind, origin: Origin, trust: str
) -> None:
    author = await site.caller("author", kind=kind)
    posted = await site.hub.cases.messages.post(author.principal, "general", "@ann look", origin=origin)
    answers = [
        (await ann.get(path, **query)).data
        for path, query in [
            ("/api/v2/messages", {"channel": "general"}),
            ("/api/v2/mentions", {}),
            ("/api/v2/inbox", {}),
            ("/api/v2/search", {"q": "look"}),
            ("/api/v2/board", {}),
            (f"/api/v2/messages/{posted.message.id}", {}),
        ]
    ]
    messages, mentions, items, found, board, one = answers
    rows = [
        *messages["messages"],
        *mentions["mentions"],
        items["items"][0]["message"],
        *found["results"],
        next(row["latest"] for row in board["channels"] if row["channel"] == "general"),
        one["message"],
    ]
    assert [(row["trust"], row["origin"]["platform"]) for row in rows] == [(trust, origin.platform)] * 6


async def test_tasks_name_their_people(site: Site, ann: Caller, bob: Caller) -> None:
    eve = await site.caller("eve", kind=Kind.PERSON)
    task = (await eve.post("/api/v2/tasks", {"channel": "general", "title": "Try it"})).data["task"]
    assert (task["created_by_name"], task["trust"], task["claimed_by_name"]) == ("eve", "person verified", None)
    await bob.post(f"/api/v2/tasks/{task['id']}", {"action": "claim"})
    [listed] = (await ann.get("/api/v2/tasks")).data["tasks"]
    assert (listed["created_by_name"], listed["claimed_by_name"]) == ("eve", "bob")
