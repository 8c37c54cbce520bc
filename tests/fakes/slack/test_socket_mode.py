"""Socket Mode as the real Bolt sees it: events, acks, redelivery, reconnects."""

import asyncio
import re
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Line, Settings

from .conftest import Bot


async def test_message_is_received_and_answered(slack: FakeSlack, bot: Bot) -> None:
    @bot.app.message(re.compile("hello"))
    async def answer(message: dict[str, Any], say: Any) -> None:
        await say(text=f"hi <@{message['user']}>", thread_ts=message["ts"])

    bot.app._async_listeners.reverse()
    alice = slack.person("alice")
    await alice.say("#general", "hello")

    await slack.wait_for(lambda: len(slack.transcript("#general")) == 2)

    assert slack.transcript("#general") == [("Alice", "hello", None), Line("airchat", f"hi {alice.mention}", "hello")]
    await slack.settled()
    assert [delivery.state for delivery in slack.deliveries] == ["acked", "acked"]


async def test_unacknowledged_event_is_redelivered_three_times(slack: FakeSlack, bot: Bot, impatient: Settings) -> None:
    bot.app._async_listeners.clear()  # Bolt does not acknowledge what nobody listens to
    await slack.person("alice").say("#general", "anyone?")
    await slack.settled()

    assert [(request.retry_attempt, request.retry_reason) for request in bot.envelopes] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({request.payload["event_id"] for request in bot.envelopes}) == 1
    assert len({request.envelope_id for request in bot.envelopes}) == 4
    (delivery,) = slack.deliveries
    assert (delivery.state, delivery.acks) == ("failed", [])


async def test_event_without_any_socket_is_retried_then_dropped(slack: FakeSlack) -> None:
    await slack.person("alice").say("#general", "nobody home")
    await slack.settled()

    (delivery,) = slack.deliveries
    assert delivery.state == "failed"
    assert [attempt.socket for attempt in delivery.attempts] == [None] * 4


async def test_event_waits_for_a_late_socket(slack: FakeSlack, settings: Settings) -> None:
    settings.retry_delays = (0.0, 2.5)
    await slack.person("alice").say("#general", "come back")
    late = Bot(slack)
    await late.connect()
    await slack.settled()
    await late.close()

    assert [(request.retry_attempt, request.retry_reason) for request in late.envelopes] == [(2, "connection_failed")]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_disconnect_frame_makes_the_client_reconnect(slack: FakeSlack, bot: Bot, reason: Any) -> None:
    slack.sockets.disconnect(reason)
    await slack.wait_for(lambda: slack.sockets.opened == 2 and len(slack.sockets.open) == 1)
    await slack.person("alice").say("#general", "again")
    await slack.settled()

    assert [event["text"] for event in bot.events()] == ["again"]


async def test_cut_connection_is_noticed_and_reopened(slack: FakeSlack, bot: Bot) -> None:
    slack.sockets.cut()
    await slack.wait_for(lambda: slack.sockets.opened == 2 and len(slack.sockets.open) == 1)
    await slack.person("alice").say("#general", "again")
    await slack.settled()

    assert [event["text"] for event in bot.events()] == ["again"]


async def test_event_in_flight_when_the_connection_is_cut_comes_again(
    slack: FakeSlack, bot: Bot, impatient: Settings
) -> None:
    impatient.retry_delays = (3.0,)
    slack.sockets.mute()
    await slack.person("alice").say("#general", "lost?")
    slack.sockets.cut()
    await slack.settled()

    assert [event["text"] for event in bot.events()] == ["lost?"]
    assert bot.envelopes[0].retry_attempt


async def test_mute_socket_answers_pings_and_carries_nothing(slack: FakeSlack, bot: Bot, impatient: Settings) -> None:
    slack.sockets.mute()
    await slack.person("alice").say("#general", "into the void")
    await slack.settled()

    assert bot.envelopes == []
    assert slack.sockets.opened == 1
    assert slack.deliveries[0].state == "failed"


async def test_each_envelope_goes_to_one_of_several_sockets(slack: FakeSlack, bot: Bot) -> None:
    second = Bot(slack)
    await second.connect()
    for number in range(6):
        await slack.person("alice").say("#general", str(number))
    await slack.settled()
    await second.close()

    got = [event["text"] for one in (bot, second) for event in one.events()]
    assert sorted(got) == [str(number) for number in range(6)]
    assert len(bot.events()) == 3


async def test_too_many_sockets_are_refused(slack: FakeSlack, settings: Settings) -> None:
    settings.max_sockets = 1
    async with aiohttp.ClientSession() as session:
        frames = []
        for _ in range(2):
            ws = await session.ws_connect(f"{slack.url}/link/?ticket={slack.sockets.ticket()}")
            frames.append(await ws.receive_json())

    assert (frames[0]["type"], frames[0]["num_connections"]) == ("hello", 1)
    assert (frames[1]["type"], frames[1]["reason"]) == ("disconnect", "too_many_websockets")


async def test_ticket_works_once(slack: FakeSlack) -> None:
    client = AsyncWebClient(base_url=slack.api_url)
    answer = await client.apps_connections_open(app_token=APP_TOKEN)
    async with aiohttp.ClientSession() as session:
        ws = await session.ws_connect(answer["url"])
        await ws.close()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(answer["url"])


async def test_connections_need_the_app_token(slack: FakeSlack) -> None:
    client = AsyncWebClient(base_url=slack.api_url)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=BOT_TOKEN)


async def test_two_apps_hear_each_other(slack: FakeSlack, bot: Bot) -> None:
    other = slack.install("jenkins", "xoxb-other", "xapp-other")
    await slack.person("alice").invite(other, "#general")
    client = AsyncWebClient(token="xoxb-other", base_url=slack.api_url)
    await client.chat_postMessage(channel="#general", text="build failed")
    await slack.wait_for(lambda: bot.events()[-1:])

    event = bot.events()[-1]
    assert (event["bot_id"], event["app_id"], event["text"]) == (other.bot_id, other.id, "build failed")


async def test_outage_and_return_on_the_same_port(slack: FakeSlack, bot: Bot) -> None:
    url = slack.url
    await slack.stop()
    await slack.person("alice").say("#general", "unheard")
    await slack.start()
    await slack.wait_for(lambda: slack.sockets.open)
    await slack.person("alice").say("#general", "heard")
    await slack.wait_for(bot.events)

    assert slack.url == url
    assert "heard" in [event["text"] for event in bot.events()]


async def test_client_survives_a_refused_connection(slack: FakeSlack, bot: Bot) -> None:
    slack.settings.refresh_grace = 0.2
    slack.faults.fail_before("apps.connections.open", times=2)
    slack.sockets.disconnect()
    await slack.wait_for(lambda: slack.sockets.opened == 2 and len(slack.sockets.open) == 1)

    outcomes = [call.outcome for call in slack.calls("apps.connections.open")]
    assert outcomes == ["ok", "fail_before", "fail_before", "ok"]


async def test_refreshed_socket_is_closed_in_the_end(slack: FakeSlack) -> None:
    slack.settings.refresh_grace = 0.05
    async with aiohttp.ClientSession() as session:
        ws = await session.ws_connect(f"{slack.url}/link/?ticket={slack.sockets.ticket()}")
        hello = await ws.receive_json()
        slack.sockets.disconnect("refresh_requested")
        refresh = await ws.receive_json()
        end = await ws.receive()

    assert (hello["type"], refresh["reason"], end.type) == ("hello", "refresh_requested", aiohttp.WSMsgType.CLOSE)
    await slack.wait_for(lambda: not slack.sockets.open)


async def test_stopping_leaves_no_task_behind(settings: Settings) -> None:
    before = asyncio.all_tasks()
    slack = FakeSlack(settings)
    await slack.start()
    connected = Bot(slack)
    await connected.connect()
    await slack.person("alice").say("#general", "bye")
    await connected.close()
    await slack.stop()
    await asyncio.sleep(0.05)

    assert {task.get_name() for task in asyncio.all_tasks() - before if "slack" in task.get_name()} == set()
    assert all(delivery.state != "pending" for delivery in slack.deliveries)
