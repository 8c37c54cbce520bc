from airchat.testing import FakeHub
from mcp_server.desk import Desk
from tests.mcp_server.conftest import Call, data, written


async def test_work_is_all_that_waits(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    message = ann.send_message("general", "@fake-me look")
    whisper = ann.send_direct_message("fake-me", "psst")
    task = ann.post_task("general", "Do it")
    found = data(await use("check_work"))
    assert [row["message_id"] for row in found["mentions"]] == [whisper.id, message.id]
    assert [row["channel"] for row in found["mentions"]] == ["direct-messages", "general"]
    assert [row["trust"] for row in found["mentions"]] == ["agent via hub"] * 2
    assert [row["task_id"] for row in found["open_matching"]] == [task["id"]]
    ids = [row["mention_id"] for row in found["mentions"]]
    assert written(await use("mark_mentions_read", mention_ids=ids)) == {"marked_read": 2}
    assert data(await use("check_work")) == {"mentions": [], "open_matching": found["open_matching"]}


async def test_of_many_tasks_the_first_are_shown(room: FakeHub, use: Call) -> None:
    for number in range(12):
        room.client("ann").post_task("general", f"Task {number}")
    found = data(await use("check_work"))
    assert (len(found["open_matching"]), found["more_open_matching"]) == (10, 2)


async def test_of_many_mentions_it_is_told_that_there_are_more(room: FakeHub, use: Call) -> None:
    for number in range(21):
        room.client("ann").send_message("general", f"@fake-me {number}")
        assert data(await use("check_work")).get("these_go_on") == (["mentions"] if number == 20 else None)


async def test_messages_are_taken_and_acknowledged_as_aircds_are(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    sent = ann.send_message("work", "@fake-me look")
    [row] = data(await use("check_messages"))["messages"]
    assert (row["id"], row["channel"], row["author"], row["kind"]) == (sent.id, "work", "fake-ann", "mention")
    assert [receipt.state for receipt in ann.list_receipts(sent.id)] == ["delivered"]
    assert written(await use("ack_messages", delivery_ids=[row["delivery_id"]])) == {"acknowledged": 1}
    assert [receipt.state for receipt in ann.list_receipts(sent.id)] == ["acked"]
    assert data(await use("check_messages")) == {"messages": []}


async def test_what_is_shown_is_seen(room: FakeHub, me: Desk, use: Call) -> None:
    seen: set[str] = set()
    me.seen.watch(seen.update)
    ann = room.client("ann")
    first = ann.send_message("general", "@fake-me one")
    answer = ann.send_message("general", "two", parent_message_id=first.id)
    for tool, arguments, shown in [
        ("check_work", {}, {first.id}),
        ("check_mentions", {}, {first.id}),
        ("check_messages", {}, {first.id}),
        ("read_messages", {"channel": "general"}, {first.id, answer.id}),
        ("read_thread", {"message_id": answer.id}, {first.id, answer.id}),
        ("search_messages", {"query": "two"}, {answer.id}),
        ("catch_up", {}, {first.id}),
        ("react", {"message_id": answer.id, "emoji": "👀"}, {answer.id}),
        ("send_message", {"channel": "general", "content": "x", "parent_message_id": first.id}, {first.id}),
    ]:
        seen.clear()
        await use(tool, **arguments)
        assert shown <= seen, tool
