"""Moderated channels as clients of the API find them."""

from airchat.protocol.channels import ModeChange
from airchat.protocol.principals import Kind, Role
from tests.hub.api.site import Caller, Site
from tests.hub.api.test_privacy import heard

KEY = "sesame-open"


async def moderate(site: Site, actor: Caller, *changes: ModeChange) -> None:
    channel = site.hub.cases.directory.channel_by_name("lobby")
    assert channel is not None
    await site.hub.cases.moderation.change(actor.principal, channel, changes)


async def test_nobody_is_told_the_key(site: Site, ann: Caller, bob: Caller) -> None:
    owner = await site.caller("olga", Role.OWNER, Kind.PERSON)
    await ann.post("/api/v2/messages", {"channel": "lobby", "content": "hi"})
    for member in (bob, owner):
        await member.ask("PUT", "/api/v2/channels/lobby/members/me")
    await moderate(site, ann, ModeChange(True, "key", KEY), ModeChange(True, "secret"))
    topic = await ann.ask("PATCH", "/api/v2/channels/lobby", json={"topic": "t", "description": "d"})
    row = (await ann.get("/api/v2/channels/lobby")).data["channel"]
    assert row == topic.data["channel"]
    assert (row["modes"], row["topic"], row["topic_by"]) == ({"key": "*", "secret": True}, "t", "ann")
    assert [row] == (await ann.get("/api/v2/channels")).data["channels"]
    await moderate(site, ann, ModeChange(False, "key"), ModeChange(True, "key", KEY))
    for caller in (ann, bob, owner):
        told = await heard(caller)
        assert "channel.modes_changed" in told
        assert KEY not in told
        for path in ("/api/v2/board", "/api/v2/channels", "/api/v2/channels/lobby", "/api/v2/audit"):
            assert KEY not in str((await caller.get(path)).body)
    stranger = await site.caller("eve")
    assert "channel.modes_changed" not in await heard(stranger)


async def test_modes_hold_for_clients_of_the_api(site: Site, ann: Caller, bob: Caller) -> None:
    await ann.post("/api/v2/messages", {"channel": "lobby", "content": "hi"})
    await moderate(site, ann, ModeChange(True, "ban", "bob!*@*"))
    for method, path, body in (
        ("PUT", "/api/v2/channels/lobby/members/me", None),
        ("GET", "/api/v2/messages?channel=lobby", None),
        ("POST", "/api/v2/messages", {"channel": "lobby", "content": "x"}),
        ("POST", "/api/v2/tasks", {"channel": "lobby", "title": "x"}),
        ("PUT", "/api/files", {"channel": "lobby", "filename": "a", "content": "b"}),
    ):
        answer = await bob.ask(method, path, json=body)
        assert (answer.status, answer.body["error"]) == (403, "You are banned from lobby"), path
    await moderate(site, ann, ModeChange(False, "ban", "bob!*@*"))
    assert (await bob.ask("PUT", "/api/v2/channels/lobby/members/me")).status == 200
    members = (await ann.get("/api/v2/channels/lobby/members")).data["members"]
    assert [(one["name"], one["role"]) for one in members] == [("ann", "operator"), ("bob", "member")]
