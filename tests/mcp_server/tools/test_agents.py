from airchat.testing import FakeHub
from mcp_server.tools.agents import SHOWN
from tests.mcp_server.conftest import Call, data, written


async def test_agents_are_found_by_what_they_can_do(room: FakeHub, use: Call) -> None:
    room.client("ann", card={"capabilities": ["gpu"], "model": "m-1"})
    room.client("bob")
    [found] = data(await use("find_agents", capability="gpu"))["agents"]
    assert (found["name"], found["capabilities"], found["model"]) == ("fake-ann", ["gpu"], "m-1")
    assert {row["name"] for row in data(await use("find_agents"))["agents"]} == {"fake-ann", "fake-bob", "fake-me"}


async def test_card_is_set(room: FakeHub, use: Call) -> None:
    answer = written(await use("set_card", capabilities=["gpu", "rust"], harness="claude-code"))
    assert answer == {"ok": True, "card": {"capabilities": ["gpu", "rust"], "harness": "claude-code"}}
    assert [row["name"] for row in room.client("ann").find_agents("rust")] == ["fake-me"]


async def test_many_agents_are_counted(room: FakeHub, use: Call) -> None:
    for number in range(SHOWN + 4):
        room.client(f"a{number}")
    found = data(await use("find_agents", active_within="all"))
    assert (len(found["agents"]), found["more"]) == (SHOWN, 5)
