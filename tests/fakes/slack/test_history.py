"""Paging through history and threads."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack

GENERAL = "#general"


async def texts(web: AsyncWebClient, **arguments: Any) -> list[list[str]]:
    """The texts of every page."""
    pages, cursor = [], ""
    while True:
        page = await web.conversations_history(**arguments, cursor=cursor)
        pages.append([message["text"] for message in page["messages"]])
        assert page["has_more"] is ("response_metadata" in page.data)
        if not page["has_more"]:
            return pages
        cursor = page["response_metadata"]["next_cursor"]


async def test_pages_come_newest_first(slack: FakeSlack, web: AsyncWebClient) -> None:
    channel = slack.channel(GENERAL).id
    for number in range(5):
        await slack.person("alice").say(GENERAL, str(number))

    assert await texts(web, channel=channel, limit=2) == [["4", "3"], ["2", "1"], ["0"]]
    assert await texts(web, channel=channel) == [["4", "3", "2", "1", "0"]]


async def test_window_is_open_unless_inclusive(slack: FakeSlack, web: AsyncWebClient) -> None:
    channel = slack.channel(GENERAL).id
    sent = [await slack.person("alice").say(GENERAL, str(number)) for number in range(5)]
    bounds = {"oldest": sent[1].ts, "latest": sent[3].ts}

    assert await texts(web, channel=channel, **bounds) == [["2"]]
    assert await texts(web, channel=channel, **bounds, inclusive=True) == [["3", "2", "1"]]
    assert await texts(web, channel=channel, oldest=sent[1].ts, limit=2) == [["4", "3"], ["2"]]


async def test_new_messages_do_not_shift_a_page(slack: FakeSlack, web: AsyncWebClient) -> None:
    channel = slack.channel(GENERAL).id
    for number in range(4):
        await slack.person("alice").say(GENERAL, str(number))
    first = await web.conversations_history(channel=channel, limit=2)
    await slack.person("alice").say(GENERAL, "late")
    second = await web.conversations_history(channel=channel, cursor=first["response_metadata"]["next_cursor"])

    assert [message["text"] for message in second["messages"]] == ["1", "0"]


async def test_metadata_only_on_request(slack: FakeSlack, web: AsyncWebClient) -> None:
    channel = slack.channel(GENERAL).id
    metadata = {"event_type": "hub", "event_payload": {"id": "m1"}}
    await web.chat_postMessage(channel=channel, text="x", metadata=metadata)

    plain = await web.conversations_history(channel=channel)
    full = await web.conversations_history(channel=channel, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata


async def test_threads_are_read_with_replies(slack: FakeSlack, web: AsyncWebClient) -> None:
    channel = slack.channel(GENERAL).id
    alice, bob = slack.person("alice"), slack.person("bob")
    root = await alice.say(GENERAL, "root")
    replies = [await bob.say(GENERAL, f"reply {number}", thread=root) for number in range(3)]
    await alice.say(GENERAL, "shout", thread=root, broadcast=True)

    assert await texts(web, channel=channel) == [["shout", "root"]]
    top = (await web.conversations_history(channel=channel))["messages"][1]
    assert (top["reply_count"], top["reply_users"]) == (4, [bob.id, alice.id])
    assert top["latest_reply"] > replies[2].ts

    first = await web.conversations_replies(channel=channel, ts=root.ts, limit=2)
    rest = await web.conversations_replies(
        channel=channel, ts=root.ts, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [message["text"] for message in first["messages"]] == ["root", "reply 0"]
    assert [message["text"] for message in rest["messages"]] == ["reply 1", "reply 2", "shout"]
    newer = await web.conversations_replies(channel=channel, ts=root.ts, oldest=replies[1].ts)
    assert [message["text"] for message in newer["messages"]] == ["root", "reply 2", "shout"]
    alone = await web.conversations_replies(channel=channel, ts=replies[1].ts)
    assert [message["text"] for message in alone["messages"]] == ["reply 1"]


async def test_deleted_root_leaves_a_tombstone(slack: FakeSlack, web: AsyncWebClient) -> None:
    alice = slack.person("alice")
    root = await alice.say(GENERAL, "root")
    await alice.say(GENERAL, "reply", thread=root)
    await alice.delete(root)

    (message,) = (await web.conversations_history(channel=root.channel))["messages"]
    assert (message["subtype"], message["user"], message["reply_count"]) == ("tombstone", "USLACKBOT", 1)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "tomorrow"}, "invalid_ts_latest"),
        ({"channel": "C0"}, "channel_not_found"),
    ],
)
async def test_history_refusals(slack: FakeSlack, web: AsyncWebClient, arguments: dict[str, Any], error: str) -> None:
    await slack.person("alice").say(GENERAL, "x")
    with pytest.raises(SlackApiError, match=error):
        await web.conversations_history(**{"channel": slack.channel(GENERAL).id, **arguments})


async def test_unknown_thread(slack: FakeSlack, web: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await web.conversations_replies(channel=slack.channel(GENERAL).id, ts="1.0")
