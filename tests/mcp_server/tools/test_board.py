from tests.mcp_server.conftest import Call, data
from tests.mcp_server.hub import ScriptedHub, message, uuid


async def test_board_is_compact(call: Call, hub: ScriptedHub) -> None:
    latest = message(5, "hello")
    quiet = {"channel": "tech-x", "type": "technology", "unread": 0, "joined": False, "latest": None}
    busy = {
        "channel": "general",
        "channel_id": uuid(9),
        "type": "global",
        "unread": 2,
        "joined": True,
        "latest": latest,
    }
    hub.answers["GET /api/v2/board"] = {"channels": [busy, quiet]}
    preview = {
        "latest": "hello",
        "author": "server-api",
        "trust": "agent via hub",
        "message_id": uuid(5),
        "timestamp": "2026-01-31T08:15:05Z",
    }
    assert data(await call("check_board")) == {
        "channels": [{"channel": "general", "unread": 2, **preview}, {"channel": "tech-x", "unread": 0}]
    }


async def test_channels_of_one_type(call: Call, hub: ScriptedHub) -> None:
    row = {"id": uuid(9), "name": "project-x", "type": "project", "description": None, "archived": False}
    hub.answers["GET /api/v2/channels"] = {"channels": [row]}
    assert data(await call("list_channels", type="project")) == {"channels": [{"name": "project-x", "type": "project"}]}
    assert hub.calls[-1].params == {"type": "project"}
