"""Messages that grow, and what a thread shows before there is one."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack
from tests.fakes.slack.conftest import Bot
from tests.fakes.slack.interactions import Status

PLACE = "#general"


async def test_stream_grows_and_ends_with_metadata(slack: FakeSlack, web: AsyncWebClient, bot: Bot) -> None:
    asked = await slack.person("alice").say(PLACE, "question")
    stream = await web.chat_stream(
        channel=asked.channel,
        thread_ts=asked.ts,
        recipient_team_id=slack.workspace.team_id,
        recipient_user_id=slack.person("alice").id,
        buffer_size=1,
        username="wren",
    )
    await stream.append(markdown_text="an ")
    await stream.append(markdown_text="answer")
    await stream.stop(metadata={"event_type": "t", "event_payload": {"id": "1"}})
    assert slack.transcript(PLACE)[1] == ("wren", "an answer", "question")
    assert slack.messages(PLACE)[1].metadata == {"event_type": "t", "event_payload": {"id": "1"}}
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await web.chat_appendStream(channel=asked.channel, ts=slack.messages(PLACE)[1].ts, markdown_text="more")
    await slack.settled()
    assert [event.get("subtype") for event in bot.events()] == [None, "bot_message", "message_changed"]


async def test_stream_in_a_channel_needs_to_know_for_whom(slack: FakeSlack, web: AsyncWebClient) -> None:
    asked = await slack.person("alice").say(PLACE, "question")
    with pytest.raises(SlackApiError, match="missing_recipient_team_id"):
        await web.chat_startStream(channel=asked.channel, thread_ts=asked.ts)


async def test_status_is_shown_under_a_name(slack: FakeSlack, web: AsyncWebClient) -> None:
    asked = await slack.person("alice").say(PLACE, "question")
    await web.assistant_threads_setStatus(
        channel_id=asked.channel, thread_ts=asked.ts, status="is working", username="wren"
    )
    assert slack.statuses == [Status(asked.channel, asked.ts, "is working", "wren")]
    with pytest.raises(SlackApiError, match="invalid_thread_ts"):
        await web.assistant_threads_setStatus(channel_id=asked.channel, thread_ts="1.000000", status="is lost")
