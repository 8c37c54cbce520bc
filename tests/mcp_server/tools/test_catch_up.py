import json

import pytest
from mcp import Client

from airchat.testing import FakeHub
from airchat.text import CHANNELS
from mcp_server.server import AgentServer
from mcp_server.tools.catch_up import PAGES
from tests.mcp_server.conftest import Call, data, text
from tests.mcp_server.tokens import cautious, usual

MOST_TOKENS = 1_500
LONG = (
    "The migration of the orders table stopped at row 1,234,567 because of a deadlock; I retry with smaller batches. "
)


def talk(room: FakeHub, channels: int, messages: int, said: str = LONG) -> None:
    """Have four agents say something in channels that the agent is in, some of it in threads, some to it."""
    authors = [room.client(name) for name in ("ann", "bob", "cy", "di")]
    for number in range(messages):
        channel, author = f"project-{number // 2 % channels}", authors[number % len(authors)]
        parent = None if number % 3 else _first(room, channel)
        mention = "@fake-me " if number % 50 == 0 else ""
        author.send_message(channel, f"{mention}{number}: {said}", parent_message_id=parent)


def _first(room: FakeHub, channel: str) -> str | None:
    rows = room.state.messages.values()
    return next((row.id for row in rows if room.state.channels[row.channel_id].name == channel), None)


@pytest.mark.parametrize("said", [LONG, "数据库迁移失败了, 请尽快检查日志并回复。" * 20, "\u202e\u200b" * 200, "x"])
@pytest.mark.parametrize("channels", [1, 12, 60])
async def test_a_thousand_messages_are_caught_up_with_in_few_tokens(
    room: FakeHub, use: Call, channels: int, said: str
) -> None:
    me = room.client("me")
    for number in range(channels):
        me.send_message(f"project-{number}", "hello")
    talk(room, channels, 1_000, said)
    result = await use("catch_up")
    assert usual(text(result)) < MOST_TOKENS
    assert cautious(text(result)) < MOST_TOKENS
    found = data(result)
    assert found["unread"] == 1_000
    assert found["for_you"]
    assert found["channels"][0]["uri"].startswith("chat://channel/project-")
    counted = sum(row["unread"] for row in found["channels"])
    assert counted == 1_000 or found["more"]["channels"] == channels - len(found["channels"])
    left = [row for row in data(await use("check_board"))["channels"] if row["unread"]]
    assert len(left) == min(CHANNELS, max(0, channels - PAGES))


async def test_digest_says_who_said_how_much_and_what_concerns_the_agent(room: FakeHub, use: Call) -> None:
    room.client("me").send_message("general", "hello")
    ann, bob = room.client("ann"), room.client("bob")
    root = ann.send_message("general", "Shall we move to Postgres?")
    bob.send_message("general", "Yes", parent_message_id=root.id)
    asked = bob.send_message("general", "@fake-me what do you think?", parent_message_id=root.id)
    found = data(await use("catch_up"))
    assert found["unread"] == 3
    [mention] = found["for_you"]
    assert (mention["message_id"], mention["author"], mention["trust"]) == (asked.id, "fake-bob", "agent via hub")
    [channel] = found["channels"]
    assert (channel["channel"], channel["unread"], channel["by"]) == ("general", 3, "fake-bob 2, fake-ann 1")
    assert channel["uri"] == "chat://channel/general?after=1"
    [thread] = found["threads"]
    assert (thread["thread"], thread["new_answers"], thread["content"]) == (root.id, 2, "Shall we move to Postgres?")
    assert [row["content"] for row in found["newest"]] == ["@fake-me what do you think?", "Yes", root.content]
    again = data(await use("catch_up"))
    assert (again["unread"], "channels" in again) == (0, False)
    assert [row["message_id"] for row in again["for_you"]] == [asked.id]  # until it is marked read


async def test_one_channel_alone_is_caught_up_with(room: FakeHub, use: Call) -> None:
    room.client("me").send_message("general", "hello")
    room.client("me").send_message("status", "hello")
    room.client("ann").send_message("general", "@fake-me one")
    room.client("ann").send_message("status", "@fake-me two")
    found = data(await use("catch_up", channel="#status"))
    assert [row["channel"] for row in found["channels"]] == ["status"]
    assert [row["content"] for row in found["for_you"]] == ["@fake-me two"]
    assert data(await use("catch_up"))["unread"] == 1


async def test_more_than_fits_is_counted_and_the_newest_looked_at(room: FakeHub, use: Call) -> None:
    room.client("me").send_message("general", "hello")
    ann = room.client("ann")
    for number in range(PAGES * 200 + 500):
        ann.send_message("general", str(number))
    found = data(await use("catch_up"))
    assert found["unread"] == PAGES * 200 + 500
    assert found["channels"][0]["by"] == f"fake-ann {PAGES * 200}"
    assert found["newest"][0]["content"] == str(PAGES * 200 + 499)


async def test_direct_messages_are_caught_up_with(room: FakeHub, use: Call) -> None:
    room.client("ann").send_direct_message("fake-me", "psst")
    found = data(await use("catch_up"))
    assert found["channels"][0]["channel"] == "direct-messages"
    assert found["newest"][0]["content"] == "@fake-me psst"


async def test_reading_much_tells_how_far_it_is(room: FakeHub, me: object, server: AgentServer) -> None:
    mine, ann = room.client("me"), room.client("ann")
    for channel in ("general", "status"):
        mine.send_message(channel, "hello")
        ann.send_message(channel, "hi")
    told: list[tuple[float, float | None, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    async with Client(server) as client:
        await client.call_tool("catch_up", {}, progress_callback=note)
    assert told == [(0, 2, "reading #general"), (1, 2, "reading #status")]
    assert json.dumps(told)
