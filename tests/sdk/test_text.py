from airchat import BoardChannel, Channel, Mention, Message, SearchResult
from airchat.boundary import CLOSING
from airchat.text import (
    CHANNELS,
    LONGEST,
    agent_row,
    board_row,
    board_text,
    channel_row,
    cut,
    fitting,
    mention_row,
    message_row,
    result_row,
    sent_row,
    task_row,
)
from tests.mcp_server.conftest import inside
from tests.mcp_server.hub import message, uuid

AT = "2026-01-31T08:15:01.000000+00:00"
SHOWN = "2026-01-31T08:15:01Z"
TRUST = "agent via hub"


def test_message_of_exactly_the_limit_is_whole() -> None:
    assert cut("x" * 500, 500) == {"content": "x" * 500}


def test_longer_message_is_cut_visibly() -> None:
    assert cut("x" * 1_734, 500) == {"content": "x" * 500 + "… [cut: 1234 more characters]", "truncated": True}


def test_message_row_has_only_what_is_there() -> None:
    row = message_row(Message.from_row(message(1, "hi")))
    assert row == {"id": uuid(1), "author": "server-api", "trust": TRUST, "content": "hi", "timestamp": SHOWN}


def test_message_row_names_parent_project_and_person() -> None:
    changes = {"parent_message_id": uuid(7), "metadata": {"project": "api", "x": 1}, "author_display": "Kim"}
    row = message_row(Message.from_row(message(1, "hi", **changes)))
    assert (row["thread"], row["project"], row["display"]) == (uuid(7), "api", "Kim")
    assert "x" not in row


def test_message_row_ignores_a_project_that_is_no_text() -> None:
    assert "project" not in message_row(Message.from_row(message(1, "hi", metadata={"project": {"a": 1}})))


def test_message_row_gives_the_paths_of_files() -> None:
    files = [{"name": "a.txt", "path": "general/1-a.txt"}, {"name": "b"}, "c", {"path": 4}]
    assert message_row(Message.from_row(message(1, "hi", metadata={"files": files})))["files"] == ["general/1-a.txt"]
    assert "files" not in message_row(Message.from_row(message(1, "hi", metadata={"files": "all"})))


def test_deleted_message_says_so() -> None:
    assert message_row(Message.from_row(message(1, "", deleted_at=AT)))["deleted"] is True


def test_texts_are_cut_until_all_fits() -> None:
    short = fitting(lambda limit: {"messages": [cut("x" * 9_000, limit)]}, 8_000)
    assert '"x' + "x" * 7_999 + "… [cut: 1000 more" in short
    texts = ["\u202e" * 30_000] * 200
    long = fitting(lambda limit: {"messages": [cut(text, limit) for text in texts]}, 30_000, len(texts))
    assert LONGEST / 5 < len(long) <= LONGEST
    assert CLOSING.fullmatch(long.split("\n")[-1])


def test_board_of_many_channels_has_those_with_news_first() -> None:
    board = [BoardChannel(uuid(n), f"c-{n}", "global", "member", n % 2) for n in range(CHANNELS * 3)]
    found = inside(board_text(board))
    assert (len(found["channels"]), found["more"]) == (CHANNELS, CHANNELS * 2)
    assert all(row["unread"] for row in found["channels"])


def test_sent_row_names_the_place() -> None:
    sent = Message.from_row(message(1, "hi", parent_message_id=uuid(7)))
    assert sent_row(sent) == {"id": uuid(1), "channel": "general", "timestamp": SHOWN, "thread": uuid(7)}


def test_board_row_previews_the_newest_message() -> None:
    entry = BoardChannel(uuid(9), "general", "global", "member", 3, Message.from_row(message(1, "x" * 300)))
    row = board_row(entry)
    assert row == {
        "channel": "general",
        "unread": 3,
        "latest": "x" * 120 + "… [cut: 180 more characters]",
        "author": "server-api",
        "trust": TRUST,
        "message_id": uuid(1),
        "timestamp": SHOWN,
    }


def test_board_row_of_an_empty_channel() -> None:
    entry = BoardChannel(uuid(9), "general", "global", "member", 0)
    assert board_row(entry) == {"channel": "general", "unread": 0}


def test_channel_row() -> None:
    assert channel_row(Channel(uuid(9), "general", "global")) == {"name": "general", "type": "global"}
    archived = Channel(uuid(9), "tech-x", "technology", "about x", archived=True, topic="now")
    assert channel_row(archived) == {
        "name": "tech-x",
        "type": "technology",
        "topic": "now",
        "description": "about x",
        "archived": True,
    }


def test_result_row() -> None:
    result = SearchResult(
        uuid(1), uuid(9), "general", uuid(8), "server-api", "found", AT, 0.5, uuid(7), "slack", "person unverified"
    )
    assert result_row(result) == {
        "id": uuid(1),
        "channel": "general",
        "author": "server-api",
        "trust": "person unverified via slack",
        "content": "found",
        "timestamp": SHOWN,
        "thread": uuid(7),
    }


def test_mention_row() -> None:
    given = (uuid(2), uuid(1), "general", "server-api", None, "x" * 4_001, AT)
    mention = Mention(*given, read=False, parent_message_id=uuid(7), platform="irc", trust="outside")
    assert mention_row(mention) == {
        "mention_id": uuid(2),
        "message_id": uuid(1),
        "channel": "general",
        "from": "server-api",
        "trust": "outside via irc",
        "thread": uuid(7),
        "content": "x" * 4_000 + "… [cut: 1 more characters]",
        "truncated": True,
        "timestamp": SHOWN,
    }


def test_task_row_tells_its_holder_what_it_needs() -> None:
    task = {
        "id": uuid(3),
        "title": "Try it",
        "body": "x" * 2_001,
        "status": "claimed",
        "channels": {"name": "general"},
        "created_by_name": "ann",
        "trust": "person verified",
        "capability_tags": ["gpu"],
        "depends_on": [],
        "priority": 0,
        "claimed_by_name": "bob",
        "fence": 2,
        "lease_expires_at": AT,
        "result": None,
    }
    assert task_row(task) == {
        "task_id": uuid(3),
        "title": "Try it",
        "status": "claimed",
        "channel": "general",
        "author": "ann",
        "trust": "person verified via hub",
        "body": "x" * 2_000 + "… [cut: 1 more characters]",
        "tags": ["gpu"],
        "held_by": "bob",
        "fence": 2,
        "lease_until": SHOWN,
    }
    done = task_row(task | {"status": "done", "body": None, "result": "works"})
    assert (done["status"], done["result"], "held_by" in done) == ("done", "works", False)


def test_agent_row_has_what_others_look_for() -> None:
    card = {"capabilities": ["gpu"], "model": "m", "plan": "api"}
    agent = {"name": "bob", "online": True, "last_seen_at": AT, "card": card, "description": None}
    row = {"name": "bob", "online": True, "last_seen": "2026-01-31T08:15", "capabilities": ["gpu"], "model": "m"}
    assert agent_row(agent) == row
