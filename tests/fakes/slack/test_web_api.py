"""The Web API through the real AsyncWebClient, and by hand where encodings matter."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import APP_TOKEN, FakeSlack

GENERAL = "#general"


async def refused(call: Any) -> str:
    """The error word of a call that must fail."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_auth_test_names_the_bot(slack: FakeSlack, web: AsyncWebClient) -> None:
    answer = await web.auth_test()

    assert (answer["user_id"], answer["bot_id"]) == (slack.app.user.id, slack.app.bot_id)
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


async def test_post_under_another_name(slack: FakeSlack, web: AsyncWebClient) -> None:
    metadata = {"event_type": "hub", "event_payload": {"id": "m1"}}
    answer = await web.chat_postMessage(
        channel=GENERAL, text="done", username="claude", icon_emoji=":robot_face:", metadata=metadata
    )

    assert slack.transcript(GENERAL) == [("claude", "done", None)]
    message = answer["message"]
    assert (message["subtype"], message["icons"], "user" in message) == (
        "bot_message",
        {"emoji": ":robot_face:"},
        False,
    )
    assert (message["bot_id"], message["metadata"]) == (slack.app.bot_id, metadata)


async def test_name_is_ignored_without_its_scope(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.app.scopes.discard("chat:write.customize")
    await web.chat_postMessage(channel=GENERAL, text="done", username="claude", icon_url="http://127.0.0.1/x.png")

    assert slack.transcript(GENERAL) == [("airchat", "done", None)]


async def test_person_reads_blocks_rather_than_text(slack: FakeSlack, web: AsyncWebClient) -> None:
    blocks: list[Any] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Title"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*body*"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "hi "}, {"type": "user", "user_id": "U1"}],
                }
            ],
        },
    ]
    await web.chat_postMessage(channel=GENERAL, text="fallback", blocks=blocks)

    assert slack.transcript(GENERAL) == [("airchat", "Title\n*body*\nsmall\nhi <@U1>", None)]


async def test_thread_and_broadcast(slack: FakeSlack, web: AsyncWebClient) -> None:
    root = await slack.person("alice").say(GENERAL, "question")
    reply = await web.chat_postMessage(channel=GENERAL, text="answer", thread_ts=root.ts)
    await web.chat_postMessage(channel=GENERAL, text="nested", thread_ts=reply["ts"], reply_broadcast=True)

    assert slack.transcript(GENERAL)[1:] == [("airchat", "answer", "question"), ("airchat", "nested", "question")]
    assert (await refused(web.chat_postMessage(channel=GENERAL, text="x", thread_ts="1.0"))) == "thread_not_found"


async def test_update_follows_the_rules_of_blocks_and_edited(slack: FakeSlack, web: AsyncWebClient) -> None:
    posted = await web.chat_postMessage(channel=GENERAL, text="one", username="claude")
    place: dict[str, Any] = {"channel": posted["channel"], "ts": posted["ts"]}
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "two"}}

    await web.chat_update(**place, blocks=[block], text="two")
    (message,) = slack.messages(GENERAL)
    assert (message.shown, message.edited) == ("two", None)

    await web.chat_update(**place, text="three")
    assert slack.transcript(GENERAL) == [("claude", "three", None)]
    assert message.edited is not None
    assert message.blocks == []
    assert await refused(web.chat_update(**place, text="x" * 4001)) == "msg_too_long"


async def test_only_own_messages_can_be_changed(slack: FakeSlack, web: AsyncWebClient) -> None:
    message = await slack.person("alice").say(GENERAL, "mine")
    place: dict[str, Any] = {"channel": message.channel, "ts": message.ts}

    assert await refused(web.chat_update(**place, text="yours")) == "cant_update_message"
    assert await refused(web.chat_delete(**place)) == "cant_delete_message"
    assert slack.transcript(GENERAL) == [("Alice", "mine", None)]


async def test_delete_and_permalink(slack: FakeSlack, web: AsyncWebClient) -> None:
    posted = await web.chat_postMessage(channel=GENERAL, text="gone soon")
    channel, ts = posted["channel"], posted["ts"]
    link = await web.chat_getPermalink(channel=channel, message_ts=ts)
    await web.chat_delete(channel=channel, ts=ts)

    assert link["permalink"].endswith(f"/archives/{channel}/p{ts.replace('.', '')}")
    assert slack.transcript(GENERAL) == []
    assert await refused(web.chat_delete(channel=channel, ts=ts)) == "message_not_found"


async def test_timestamps_are_unique_and_growing(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.settings.clock = lambda: 1_700_000_000.0
    sent = [(await web.chat_postMessage(channel=GENERAL, text="x"))["ts"] for _ in range(3)]

    assert sent == ["1700000000.000000", "1700000000.000001", "1700000000.000002"]


async def test_post_refusals(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.create_channel("#elsewhere", with_app=False)
    slack.create_channel("#secret", "group", with_app=False)

    assert await refused(web.api_call("chat.postMessage", json={"channel": GENERAL})) == "no_text"
    assert await refused(web.chat_postMessage(channel="#nowhere", text="x")) == "channel_not_found"
    assert await refused(web.chat_postMessage(channel="#elsewhere", text="x")) == "not_in_channel"
    assert await refused(web.chat_postMessage(channel="#secret", text="x")) == "channel_not_found"
    bad_metadata: Any = {"event_type": "hub"}
    assert await refused(web.chat_postMessage(channel=GENERAL, text="x", metadata=bad_metadata)) == (
        "invalid_metadata_format"
    )
    await slack.person("alice").archive(GENERAL)
    assert await refused(web.chat_postMessage(channel=GENERAL, text="x")) == "is_archived"


async def test_join_then_post(slack: FakeSlack, web: AsyncWebClient) -> None:
    channel = slack.create_channel("#dev", with_app=False)
    await web.conversations_join(channel=channel.id)
    await web.chat_postMessage(channel=channel.id, text="made it")

    assert slack.transcript("#dev") == [("airchat", "made it", None)]
    assert (await web.conversations_join(channel=channel.id))["warning"] == "already_in_channel"


async def test_reactions(slack: FakeSlack, web: AsyncWebClient) -> None:
    message = await slack.person("alice").say(GENERAL, "ship it?")
    await slack.person("alice").react(message, "rocket")
    place: dict[str, Any] = {"channel": message.channel, "timestamp": message.ts}
    await web.reactions_add(**place, name="rocket")
    assert await refused(web.reactions_add(**place, name="rocket")) == "already_reacted"

    got = await web.reactions_get(**place)
    assert got["message"]["reactions"] == [
        {"name": "rocket", "users": [slack.person("alice").id, slack.app.user.id], "count": 2}
    ]
    await web.reactions_remove(**place, name="rocket")
    assert message.reactions == {"rocket": [slack.person("alice").id]}
    assert await refused(web.reactions_remove(**place, name="rocket")) == "no_reaction"


async def test_channels_are_listed_by_type_and_in_pages(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.create_channel("#seen", "group")
    slack.create_channel("#unseen", "group", with_app=False)
    slack.create_channel("#dev", with_app=False)

    first = await web.conversations_list(types="public_channel,private_channel", limit=2)
    rest = await web.conversations_list(
        types="public_channel,private_channel", limit=2, cursor=first["response_metadata"]["next_cursor"]
    )

    listed = [(channel["name"], channel["is_member"]) for page in (first, rest) for channel in page["channels"]]
    assert listed == [("general", True), ("seen", True), ("dev", False)]
    assert rest["response_metadata"]["next_cursor"] == ""
    general = slack.channel(GENERAL)
    assert (await web.conversations_info(channel=general.id))["channel"]["name"] == "general"
    assert (await web.conversations_members(channel=general.id))["members"] == [slack.app.user.id]


async def test_users_and_their_addresses(slack: FakeSlack, web: AsyncWebClient) -> None:
    alice = slack.person("alice")

    assert (await web.users_lookupByEmail(email="Alice@example.com"))["user"]["id"] == alice.id
    assert (await web.users_info(user=alice.id))["user"]["profile"]["email"] == "alice@example.com"
    assert {user["name"] for user in (await web.users_list())["members"]} == {"airchat", "alice"}
    assert await refused(web.users_info(user="U0")) == "user_not_found"
    assert await refused(web.users_lookupByEmail(email="who@example.com")) == "users_not_found"
    slack.app.scopes.discard("users:read.email")
    assert "email" not in (await web.users_info(user=alice.id))["user"]["profile"]


async def test_direct_conversation(slack: FakeSlack, web: AsyncWebClient) -> None:
    alice = slack.person("alice")
    opened = await web.conversations_open(users=alice.id)
    posted = await web.chat_postMessage(channel=alice.id, text="psst")

    assert posted["channel"] == opened["channel"]["id"]
    assert slack.transcript(posted["channel"]) == [("airchat", "psst", None)]


async def test_tokens(slack: FakeSlack) -> None:
    async def word(token: str | None) -> str:
        return await refused(AsyncWebClient(token=token, base_url=slack.api_url).auth_test())

    assert await word(None) == "not_authed"
    assert await word("xoxb-wrong") == "invalid_auth"
    assert await word(APP_TOKEN) == "not_allowed_token_type"
    slack.app.revoked = True
    assert await word(slack.app.bot_token) == "token_revoked"


async def test_unknown_method(web: AsyncWebClient) -> None:
    assert await refused(web.api_call("chat.shout")) == "unknown_method"


async def test_missing_scope_names_what_is_needed(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.app.scopes -= {"chat:write", "groups:history"}
    secret = slack.create_channel("#secret", "group")

    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=GENERAL, text="x")
    answer = caught.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert "channels:history" in answer["provided"]
    assert await refused(web.conversations_history(channel=secret.id)) == "missing_scope"
    assert slack.transcript(GENERAL) == []


@pytest.mark.parametrize("encoding", ["json", "form", "query", "get"])
async def test_arguments_in_every_encoding(slack: FakeSlack, encoding: str) -> None:
    metadata = {"event_type": "hub", "event_payload": {"id": "m1"}}
    values: dict[str, Any] = {"channel": GENERAL, "text": "hello"}
    if encoding == "json":
        request: dict[str, Any] = {"json": {**values, "metadata": metadata}}
    else:
        values["metadata"] = json.dumps(metadata)
        request = {"data": values} if encoding == "form" else {"params": values}
    headers = {"Authorization": f"Bearer {slack.app.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        verb = "GET" if encoding == "get" else "POST"
        async with session.request(verb, f"{slack.api_url}chat.postMessage", **request) as response:
            assert (await response.json())["ok"]

    (message,) = slack.messages(GENERAL)
    assert (message.text, message.metadata) == ("hello", metadata)


async def test_calls_are_recorded(slack: FakeSlack, web: AsyncWebClient) -> None:
    await web.chat_postMessage(channel=GENERAL, text="x")
    await refused(web.chat_postMessage(channel="#nowhere", text="x"))

    assert [call.outcome for call in slack.calls("chat.postMessage")] == ["ok", "channel_not_found"]
    assert slack.calls()[0].arguments["channel"] == GENERAL
