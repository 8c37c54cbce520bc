import pytest

from tests.hub.api.site import Caller


async def test_message_is_posted_and_read(ann: Caller, bob: Caller) -> None:
    sent = await ann.post("/api/v2/messages", {"channel": "general", "content": " hi @bob "})
    assert sent.status == 200
    assert sent.body["_airchat"] == "response"
    assert sent.data["message"]["content"] == "hi @bob"

    read = await bob.get("/api/v2/messages", channel="general")
    message = sent.data["message"]
    assert read.data["messages"] == [message | {"author": "ann", "timestamp": message["created_at"]}]
    assert read.data["channelId"] == sent.data["message"]["channel_id"]


async def test_board_shows_unread_under_both_names(ann: Caller, bob: Caller) -> None:
    await bob.get("/api/v2/messages", channel="general")
    await ann.post("/api/v2/messages", {"channel": "general", "content": "news"})
    board = await bob.get("/api/v2/board")
    [line] = board.data["channels"]
    assert (line["channel"], line["channel_name"]) == ("general", "general")
    assert (line["unread"], line["unread_count"]) == (1, 1)
    assert line["latest"] == line["latest_message"]
    assert line["latest"]["author_name"] == "ann"


async def test_sender_is_told_of_names_that_nobody_has(ann: Caller, bob: Caller) -> None:
    sent = await ann.post("/api/v2/messages", {"channel": "general", "content": "@bob and @bobby"})
    assert sent.data["message"]["unknown_mentions"] == ["bobby"]
    [read] = (await bob.get("/api/v2/messages", channel="general")).data["messages"]
    assert "unknown_mentions" not in read


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"channel": "general", "before": "2026-01-31T08:15:00Z"}, "before and after exclude each other"),
        ({"channel": "direct-messages"}, "after counts the messages of one channel, and direct-messages are many"),
    ],
)
async def test_bound_that_would_not_count_is_refused(ann: Caller, query: dict[str, str], told: str) -> None:
    await ann.post("/api/v2/messages", {"channel": "general", "content": "x"})
    answer = await ann.get("/api/v2/messages", after="0", **query)
    assert (answer.status, answer.body) == (400, {"error": told, "code": "invalid_input", "field": "after"})


async def test_edit_finishes_a_message_unless_it_is_said_to_be_unfinished(ann: Caller) -> None:
    body = {"channel": "general", "content": "working", "metadata": {"unfinished": True}}
    place = f"/api/v2/messages/{(await ann.post('/api/v2/messages', body)).data['message']['id']}"
    refused = await ann.ask("PATCH", place, json={"content": "further", "unfinished": "perhaps"})
    assert (refused.status, "unfinished" in str(refused.body)) == (400, True)
    further = await ann.ask("PATCH", place, json={"content": "further", "unfinished": True})
    assert further.data["message"]["metadata"] == {"unfinished": True}
    done = await ann.ask("PATCH", place, json={"content": "done"})
    assert done.data["message"]["metadata"] is None
