"""Names of aircd's tools work, with their arguments."""

from airchat.testing import FakeHub
from tests.mcp_server.conftest import Call, data, written


async def test_message_goes_to_a_target(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    assert written(await use("send_message", target="#work", content="done"))["channel"] == "work"
    assert [message.content for message in ann.read_messages("work")] == ["done"]
    assert written(await use("send_message", target="fake-ann", content="psst"))["to"] == "fake-ann"
    assert [mention.content for mention in ann.check_mentions()] == ["@fake-ann psst"]


async def test_history_is_read_from_a_number_on(room: FakeHub, use: Call) -> None:
    for number in range(60):
        room.client("ann").send_message("work", str(number))
    found = data(await use("read_history", channel="#work", after_seq=5))
    assert [row["content"] for row in found["messages"]] == [str(number) for number in range(5, 55)]
    assert found["page"]["after"] == 55
    assert data(await use("read_history", channel="work", after_seq=60))["messages"] == []
    assert len(data(await use("read_history", channel="work"))["messages"]) == 50


async def test_tasks_are_listed_claimed_and_completed(room: FakeHub, use: Call) -> None:
    task = room.client("ann").post_task("work", "Look")
    assert [row["task_id"] for row in data(await use("list_tasks", channel="#work"))["tasks"]] == [task["id"]]
    assert data(await use("claim_task", task_id=task["id"]))["held_by"] == "fake-me"
    assert [row["status"] for row in data(await use("list_tasks", channel="work"))["tasks"]] == ["claimed"]
    assert data(await use("complete_task", task_id=task["id"]))["status"] == "done"
    assert data(await use("list_tasks", channel="work"))["tasks"] == []


async def test_server_is_listed(room: FakeHub, use: Call) -> None:
    room.client("me").send_message("work", "hi")
    room.client("ann")
    assert data(await use("list_server")) == {"channels": ["work"], "agents": ["fake-me", "fake-ann"]}
