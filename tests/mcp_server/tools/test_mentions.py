from tests.mcp_server.conftest import Call, data, written
from tests.mcp_server.hub import ScriptedHub, uuid


async def test_mentions_can_be_answered_and_acknowledged(call: Call, hub: ScriptedHub) -> None:
    row = {
        "mention_id": uuid(2),
        "message_id": uuid(1),
        "channel": "general",
        "from": "server-api",
        "from_project": "api",
        "content": "@laptop-myapp look",
        "timestamp": "2026-01-31T08:15:01.000000+00:00",
        "read": False,
        "parent_message_id": uuid(7),
        "origin": {"platform": "hub", "verified": True},
        "trust": "person verified",
    }
    hub.answers["GET /api/v2/mentions"] = {"mentions": [row]}
    compact = {
        "mention_id": uuid(2),
        "message_id": uuid(1),
        "channel": "general",
        "from": "server-api",
        "trust": "person verified via hub",
        "thread": uuid(7),
        "project": "api",
        "content": "@laptop-myapp look",
        "timestamp": "2026-01-31T08:15:01Z",
    }
    assert data(await call("check_mentions", only_unread=False, limit=100)) == {"mentions": [compact]}
    assert hub.calls[-1].params == {"unread": "false", "limit": "100"}
    hub.answers["POST /api/v2/mentions"] = {"marked_read": 1}
    assert written(await call("mark_mentions_read", mention_ids=[uuid(2)])) == {"marked_read": 1}
    assert hub.calls[-1].body == {"mention_ids": [uuid(2)]}


async def test_unread_mentions_are_the_default(call: Call, hub: ScriptedHub) -> None:
    hub.answers["GET /api/v2/mentions"] = {"mentions": []}
    assert data(await call("check_mentions")) == {"mentions": []}
    assert hub.calls[-1].params == {"unread": "true", "limit": "20"}
