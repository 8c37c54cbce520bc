"""Writing on a stale view returns what was missed."""

from typing import Any

from airchat.testing import FakeHub
from mcp_server.missed import SHOWN
from tests.mcp_server.conftest import Call, inside, text, written


def parts(said: str) -> tuple[str, Any]:
    """Return what was sent, and what was missed."""
    sent, rest = said.split("\nOthers wrote since you last read there:\n")
    return sent, inside(rest)


async def test_message_on_a_stale_view_returns_what_was_missed(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    ann.send_message("general", "Shall I deploy?")
    await use("read_messages", channel="general")
    ann.send_message("general", "Never mind, done.")
    sent, missed = parts(text(await use("send_message", channel="general", content="Yes, please")))
    assert '"channel": "general"' in sent
    assert (missed["missed"], missed["uri"]) == (1, "chat://channel/general?after=1")
    [row] = missed["messages"]
    assert (row["author"], row["content"]) == ("fake-ann", "Never mind, done.")
    assert [m.content for m in room.client("me").read_messages("general")][-1] == "Yes, please"


async def test_message_on_a_fresh_view_returns_nothing_more(room: FakeHub, use: Call) -> None:
    room.client("ann").send_message("general", "hi")
    await use("read_messages", channel="general")
    for _ in range(2):
        written(await use("send_message", channel="general", content="hello"))


async def test_who_never_looked_has_no_stale_view(room: FakeHub, use: Call) -> None:
    room.client("ann").send_message("general", "hi")
    written(await use("send_message", channel="general", content="hello"))
    room.client("ann").send_message("general", "and?")
    assert parts(text(await use("send_message", channel="general", content="yes")))[1]["missed"] == 1


async def test_answer_in_a_thread_is_told_of_that_thread_alone(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    root = ann.send_message("general", "Shall I deploy?")
    await use("read_thread", message_id=root.id)
    ann.send_message("general", "elsewhere")
    late = ann.send_message("general", "Or rather not?", parent_message_id=root.id)
    answer = await use("send_message", channel="general", content="Yes", parent_message_id=root.id)
    missed = parts(text(answer))[1]
    assert (missed["missed"], missed["uri"]) == (1, f"chat://thread/{root.id}")
    assert [row["id"] for row in missed["messages"]] == [late.id]
    written(await use("send_message", channel="general", content="Then not", parent_message_id=root.id))


async def test_of_much_that_was_missed_the_newest_is_shown(room: FakeHub, use: Call) -> None:
    ann = room.client("ann")
    ann.send_message("general", "first")
    await use("read_messages", channel="general")
    for number in range(100):
        ann.send_message("general", str(number))
    missed = parts(text(await use("send_message", channel="general", content="hm")))[1]
    assert missed["missed"] == 100
    assert [row["content"] for row in missed["messages"]] == [str(number) for number in range(100 - SHOWN, 100)]
    assert missed["uri"] == "chat://channel/general?after=1"


async def test_own_messages_of_another_session_are_not_missed(room: FakeHub, use: Call) -> None:
    room.client("ann").send_message("general", "hi")
    await use("read_messages", channel="general")
    room.client("me").send_message("general", "from my other session")
    written(await use("send_message", channel="general", content="hello"))


async def test_direct_conversation_returns_what_was_missed(room: FakeHub, use: Call) -> None:
    ann, eve = room.client("ann"), room.client("eve")
    first = ann.send_direct_message("fake-me", "psst")
    await use("read_messages", channel="direct-messages")
    ann.send_direct_message("fake-me", "never mind")
    eve.send_direct_message("fake-me", "something else")
    answer = await use("send_message", channel="direct-messages", content="what?", parent_message_id=first.id)
    missed = parts(text(answer))[1]
    assert [row["content"] for row in missed["messages"]] == ["@fake-me never mind"]
