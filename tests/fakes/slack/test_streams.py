"""Messages that grow, and what a thread shows before there is one."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack, Settings
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


async def test_stream_renews_its_tasks_by_id_and_lets_what_tells_of_them_grow(
    slack: FakeSlack, web: AsyncWebClient
) -> None:
    ts = await started(slack, web, chunks=[task("reading", details="a.py")])
    await web.chat_appendStream(channel=slack.channel(PLACE).id, ts=ts, chunks=[task("writing", details=", b.py")])
    card = {"type": "task_card", "task_id": "1", "title": "writing", "status": "in_progress", "details": "a.py, b.py"}
    assert slack.messages(PLACE)[1].blocks == [card]
    said = [{"type": "section", "text": {"type": "mrkdwn", "text": "done"}}]
    await web.chat_stopStream(channel=slack.channel(PLACE).id, ts=ts, chunks=[task("all", "complete")], blocks=said)
    assert slack.transcript(PLACE)[1] == ("wren", "done", "question")


@pytest.mark.parametrize(
    ("error", "given"),
    [
        ("cannot_provide_both_markdown_text_and_chunks", {"markdown_text": "a", "chunks": [{"type": "blocks"}]}),
        ("invalid_chunks", {"chunks": [{"type": "nonsense"}]}),
        ("invalid_chunks", {"chunks": [{"type": "task_update", "id": "1", "title": "x" * 257, "status": "pending"}]}),
        ("invalid_chunks", {"chunks": [{"type": "task_update", "id": "1", "title": "x", "status": "completed"}]}),
        ("msg_too_long", {"markdown_text": "x" * 12_001}),
        ("no_text", {}),
    ],
)
async def test_stream_takes_only_what_slack_takes(
    slack: FakeSlack, web: AsyncWebClient, error: str, given: dict[str, Any]
) -> None:
    ts = await started(slack, web)
    with pytest.raises(SlackApiError, match=error):
        await web.chat_appendStream(channel=slack.channel(PLACE).id, ts=ts, **given)


async def test_stream_open_too_long_is_ended_and_looks_broken_until_it_is_updated(
    slack: FakeSlack, web: AsyncWebClient, settings: Settings
) -> None:
    settings.stream_seconds = 0.0
    ts, channel = await started(slack, web), slack.channel(PLACE).id
    for call in (web.chat_appendStream, web.chat_stopStream):
        with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
            await call(channel=channel, ts=ts, chunks=[task("late")])
    assert slack.messages(PLACE)[1].unfinished
    await web.chat_update(channel=channel, ts=ts, text="whole")
    assert (slack.messages(PLACE)[1].unfinished, slack.messages(PLACE)[1].shown) == (False, "whole")


async def test_stream_is_its_apps_own_and_cannot_be_updated_meanwhile(slack: FakeSlack, web: AsyncWebClient) -> None:
    ts, channel = await started(slack, web), slack.channel(PLACE).id
    other = slack.install("other", "xoxb-other", "xapp-other")
    await slack.person("alice").invite(other, PLACE)
    stranger = AsyncWebClient(token="xoxb-other", base_url=slack.api_url, retry_handlers=[])
    with pytest.raises(SlackApiError, match="message_not_owned_by_app"):
        await stranger.chat_stopStream(channel=channel, ts=ts)
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await web.chat_update(channel=channel, ts=ts, text="x")


async def started(slack: FakeSlack, web: AsyncWebClient, **given: Any) -> str:
    asked = await slack.person("alice").say(PLACE, "question")
    answer = await web.chat_startStream(
        channel=asked.channel,
        thread_ts=asked.ts,
        recipient_team_id=slack.workspace.team_id,
        recipient_user_id=slack.person("alice").id,
        username="wren",
        icon_emoji=":bird:",
        **given,
    )
    return str(answer["ts"])


def task(title: str, status: str = "in_progress", **more: str) -> dict[str, str]:
    return {"type": "task_update", "id": "1", "title": title, "status": status, **more}


async def test_status_is_shown_under_a_name(slack: FakeSlack, web: AsyncWebClient) -> None:
    asked = await slack.person("alice").say(PLACE, "question")
    await web.assistant_threads_setStatus(
        channel_id=asked.channel, thread_ts=asked.ts, status="is working", username="wren"
    )
    assert slack.statuses == [Status(asked.channel, asked.ts, "is working", "wren")]
    with pytest.raises(SlackApiError, match="invalid_thread_ts"):
        await web.assistant_threads_setStatus(channel_id=asked.channel, thread_ts="1.000000", status="is lost")
