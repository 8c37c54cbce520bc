"""Each fault, shown by a real client that suffers it."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import BOT_TOKEN, FakeSlack, Kind

from .conftest import Bot

GENERAL = "#general"


async def test_lost_response_stores_exactly_one_copy(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.faults.lose_response("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel=GENERAL, text="once")

    assert slack.transcript(GENERAL) == [("airchat", "once", None)]
    assert slack.faults.fired == [(Kind.LOSE_RESPONSE, "chat.postMessage")]


async def test_lost_response_doubles_the_post_of_a_default_client(slack: FakeSlack) -> None:
    slack.faults.lose_response("chat.postMessage")
    await AsyncWebClient(token=BOT_TOKEN, base_url=slack.api_url).chat_postMessage(channel=GENERAL, text="twice")

    assert [line.text for line in slack.transcript(GENERAL)] == ["twice", "twice"]


async def test_lost_response_still_echoes(slack: FakeSlack, bot: Bot, web: AsyncWebClient) -> None:
    slack.faults.lose_response("chat.*")
    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel=GENERAL, text="once")
    await slack.settled()

    assert [event["text"] for event in bot.events()] == ["once"]


async def test_rate_limit_says_when_to_come_back(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=GENERAL, text="x")

    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    assert slack.transcript(GENERAL) == []


async def test_rate_limit_is_survived_by_the_sdk_handler(slack: FakeSlack) -> None:
    web = AsyncWebClient(
        token=BOT_TOKEN, base_url=slack.api_url, retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    )
    slack.faults.rate_limit("chat.postMessage", retry_after=0)
    await web.chat_postMessage(channel=GENERAL, text="x")

    assert [call.outcome for call in slack.calls("chat.postMessage")] == ["ratelimited", "ok"]


@pytest.mark.parametrize(("after", "stored"), [(False, 0), (True, 1)])
async def test_server_error_before_and_after_storing(
    slack: FakeSlack, web: AsyncWebClient, after: bool, stored: int
) -> None:
    arm = slack.faults.fail_after if after else slack.faults.fail_before
    arm("chat.postMessage", status=503)
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=GENERAL, text="x")

    assert caught.value.response.status_code == 503
    assert len(slack.messages(GENERAL)) == stored


async def test_slow_answer_comes_after_its_echo(slack: FakeSlack, bot: Bot, web: AsyncWebClient) -> None:
    slack.faults.slow("chat.postMessage", 0.3)
    started = time.monotonic()
    post = asyncio.create_task(web.chat_postMessage(channel=GENERAL, text="x"))
    await slack.wait_for(bot.events)
    assert not post.done()
    await post

    assert time.monotonic() - started >= 0.3


async def test_echo_is_acknowledged_before_the_answer(slack: FakeSlack, bot: Bot, web: AsyncWebClient) -> None:
    seen_at_answer = []
    for armed in (False, True):
        if armed:
            slack.faults.echo_first()
        answer = await web.chat_postMessage(channel=GENERAL, text="x")
        seen_at_answer.append([delivery.state for delivery in slack.deliveries][-1])
        await slack.settled()
        assert bot.events()[-1]["ts"] == answer["ts"]

    assert seen_at_answer == ["pending", "acked"]


async def test_refusal_with_any_error_word(slack: FakeSlack, web: AsyncWebClient) -> None:
    slack.faults.refuse("reactions.add", "missing_scope", needed="reactions:write", skip=1)
    message = await slack.person("alice").say(GENERAL, "x")
    place: dict[str, Any] = {"channel": message.channel, "timestamp": message.ts}
    await web.reactions_add(**place, name="one")
    with pytest.raises(SlackApiError) as caught:
        await web.reactions_add(**place, name="two")
    await web.reactions_add(**place, name="three")

    assert caught.value.response["needed"] == "reactions:write"
    assert list(message.reactions) == ["one", "three"]


@pytest.mark.parametrize(
    ("options", "attempts", "envelopes"),
    [
        ({}, [0, 0], 2),
        ({"retry_flag": True}, [0, 1], 2),
        ({"same_envelope": True}, [0, 0], 1),
    ],
)
async def test_duplicate_delivery(
    slack: FakeSlack, bot: Bot, options: dict[str, bool], attempts: list[int], envelopes: int
) -> None:
    slack.faults.duplicate("message.*", **options)
    await slack.person("alice").say(GENERAL, "x")
    await slack.wait_for(lambda: len(bot.envelopes) == 2)

    assert len({request.payload["event_id"] for request in bot.envelopes}) == 1
    assert [request.retry_attempt for request in bot.envelopes] == attempts
    assert len({request.envelope_id for request in bot.envelopes}) == envelopes


async def test_lost_ack_causes_redelivery(slack: FakeSlack, bot: Bot) -> None:
    slack.settings.ack_window = 1.0
    slack.faults.ignore_ack()
    await slack.person("alice").say(GENERAL, "x")
    await slack.settled()

    assert [request.retry_attempt for request in bot.envelopes] == [0, 1]
    assert slack.deliveries[0].state == "acked"


@pytest.mark.parametrize(("seconds", "deliveries"), [(0.05, 1), (1.2, 2)])
async def test_ack_that_takes_its_time(slack: FakeSlack, bot: Bot, seconds: float, deliveries: int) -> None:
    slack.settings.ack_window = 1.0
    slack.faults.delay_ack(seconds)
    await slack.person("alice").say(GENERAL, "x")
    await slack.settled()
    await slack.wait_for(lambda: len(slack.deliveries[0].acks) == deliveries)

    assert len(bot.envelopes) == deliveries


async def test_edit_overtakes_its_message(slack: FakeSlack, bot: Bot) -> None:
    slack.faults.edit_first()
    alice = slack.person("alice")
    message = await alice.say(GENERAL, "frist")
    await alice.edit(message, "first")
    await slack.settled()

    changed, late = bot.events()
    assert (changed["subtype"], changed["message"]["ts"], changed["message"]["text"]) == (
        "message_changed",
        message.ts,
        "first",
    )
    assert (late["ts"], late["text"]) == (message.ts, "frist")


async def test_held_message_is_released_by_clear(slack: FakeSlack, bot: Bot) -> None:
    slack.faults.edit_first(times=2)
    await slack.person("alice").say(GENERAL, "patience")
    slack.faults.clear()
    await slack.settled()

    assert [event["text"] for event in bot.events()] == ["patience"]
    assert slack.faults.armed == []


async def test_login_page_instead_of_a_file(slack: FakeSlack) -> None:
    slack.faults.html_file("*.png")
    message = await slack.person("alice").upload(GENERAL, "cat.png", b"\x89PNG")
    url = message.files[0].render(slack.workspace.team_id, slack.url)["url_private"]
    answers = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as session:
        for _ in range(2):
            async with session.get(url) as response:
                answers.append((response.status, response.content_type))

    assert answers == [(200, "text/html"), (200, "image/png")]
