"""Rate limits: counted always, enforced on request, with a clock the test moves."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack

GENERAL = "#general"


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(slack: FakeSlack) -> Clock:
    slack.settings.clock = Clock()
    return slack.settings.clock


async def test_steady_posting_is_no_violation(slack: FakeSlack, web: AsyncWebClient, clock: Clock) -> None:
    for _ in range(20):
        await web.chat_postMessage(channel=GENERAL, text="x")
        clock.now += 1

    assert slack.violations == {}


async def test_burst_over_the_limit_is_counted_but_passes(slack: FakeSlack, web: AsyncWebClient, clock: Clock) -> None:
    slack.create_channel("#dev")
    for _ in range(slack.settings.post_burst + 2):
        await web.chat_postMessage(channel=GENERAL, text="x")
    await web.chat_postMessage(channel="#dev", text="x")

    assert slack.violations == {"chat.postMessage": 2}
    assert len(slack.messages(GENERAL)) == slack.settings.post_burst + 2


async def test_limits_can_be_enforced(slack: FakeSlack, web: AsyncWebClient, clock: Clock) -> None:
    slack.settings.enforce_limits, slack.settings.post_burst = True, 1
    await web.chat_postMessage(channel=GENERAL, text="1")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=GENERAL, text="2")
    clock.now += int(caught.value.response.headers["Retry-After"])
    await web.chat_postMessage(channel=GENERAL, text="3")

    assert [line.text for line in slack.transcript(GENERAL)] == ["1", "3"]
    assert slack.violations == {"chat.postMessage": 1}


async def test_calling_before_retry_after_is_a_violation(slack: FakeSlack, web: AsyncWebClient, clock: Clock) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=30)
    with pytest.raises(SlackApiError):
        await web.chat_postMessage(channel=GENERAL, text="1")
    clock.now += 29
    await web.chat_postMessage(channel=GENERAL, text="2")
    clock.now += 1
    await web.chat_postMessage(channel=GENERAL, text="3")

    assert slack.violations == {"chat.postMessage before Retry-After": 1}


async def test_history_tier_is_counted(slack: FakeSlack, web: AsyncWebClient, clock: Clock) -> None:
    slack.limits.per_minute["conversations.history"] = 2
    for _ in range(3):
        await web.conversations_history(channel=slack.channel(GENERAL).id)

    assert slack.violations == {"conversations.history": 1}


async def test_restricted_history_gives_fifteen_objects_a_minute(
    slack: FakeSlack, web: AsyncWebClient, clock: Clock
) -> None:
    slack.limits.restrict_history()
    channel = slack.channel(GENERAL).id
    for number in range(20):
        await slack.person("alice").say(GENERAL, str(number))

    first = await web.conversations_history(channel=channel, limit=1000)
    with pytest.raises(SlackApiError) as caught:
        await web.conversations_history(channel=channel)
    clock.now += int(caught.value.response.headers["Retry-After"])
    rest = await web.conversations_history(channel=channel, cursor=first["response_metadata"]["next_cursor"])

    assert (len(first["messages"]), len(rest["messages"])) == (15, 5)
    assert caught.value.response["error"] == "ratelimited"
    assert slack.violations == {"conversations.history": 1}
