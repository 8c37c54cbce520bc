"""Bridges over HTTP."""

from airchat.protocol.principals import Kind, Role
from tests.hub.api.site import Site


async def test_admin_links_and_unlinks(site: Site) -> None:
    admin = await site.caller("olga", Role.ADMIN, Kind.PERSON)
    body = {"channel": "general", "platform": "slack", "remote": "#general", "mirror": ["edits"], "backfill": 3}
    made = (await admin.post("/api/v2/bridges/links", body)).data["wanted"]
    assert (made["channel"], made["rules"]["mirror"], made["rules"]["backfill"]) == ("general", ["edits"], 3)
    shown = (await admin.get("/api/v2/bridges")).data
    assert (shown["bridges"], shown["links"], shown["wanted"]) == ([], [], [made])
    assert (await admin.post("/api/v2/bridges/links", body)).status == 409
    assert (await admin.ask("DELETE", f"/api/v2/bridges/links/{made['id']}")).data == {"unlinked": True}
    assert (await admin.ask("DELETE", f"/api/v2/bridges/links/{made['id']}")).status == 404
    assert (await admin.get("/api/v2/bridges/dead")).data == {"dead": []}
    assert (await admin.post("/api/v2/bridges/dead/replay", {})).data == {"replayed": 0}


async def test_wrong_words_name_their_field(site: Site) -> None:
    admin = await site.caller("olga", Role.ADMIN, Kind.PERSON)
    good = {"channel": "general", "platform": "slack", "remote": "#general"}
    wrong = {"channel": "A B", "platform": "!", "direction": "up", "mirror": ["all"], "backfill": 5_000}
    for field, value in wrong.items():
        answer = await admin.post("/api/v2/bridges/links", good | {field: value})
        assert (answer.status, answer.body["code"]) == (400, "invalid_input"), field
        assert field in answer.body["error"]
    answer = await admin.post("/api/v2/bridges/links", {"channel": "general", "remote": "#general"})
    assert (answer.body["error"], answer.body["field"]) == ("platform is required", "platform")
