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


async def test_event_has_the_documented_shape(slack: FakeSlack, bot: Bot) -> None:
    sent = await slack.person("alice").say("#general", "hello")
    await slack.settled()

    (envelope,) = bot.envelopes
    payload = envelope.payload
    assert payload["event"] == {
        "type": "message",
        "channel": slack.channel("#general").id,
        "channel_type": "channel",
        "user": slack.person("alice").id,
        "text": "hello",
        "ts": sent.ts,
        "event_ts": sent.ts,
        "team": slack.workspace.team_id,
        "client_msg_id": sent.client_msg_id,
    }
    assert payload["authorizations"][0]["user_id"] == slack.app.user.id
    assert (envelope.retry_attempt, envelope.retry_reason) == (0, "")


async def test_events_keep_their_order(slack: FakeSlack, bot: Bot) -> None:
    alice = slack.person("alice")
    for number in range(50):
        await alice.say("#general", str(number))
    await slack.settled()

    assert [event["text"] for event in bot.events()] == [str(number) for number in range(50)]


async def test_edit_delete_reaction_and_thread_events(slack: FakeSlack, bot: Bot) -> None:
    alice, bob = slack.person("alice"), slack.person("bob")
    message = await alice.say("#general", "first")
    await bob.say("#general", "reply", thread=message)
    await bob.say("#general", "shout", thread=message, broadcast=True)
    await bob.react(message, "tada")
    await bob.unreact(message, "tada")
    await alice.edit(message, "second")
    await alice.delete(message)
    await slack.settled()

    _, reply, shout, changed, gone = bot.events()
    assert (reply["thread_ts"], reply["parent_user_id"]) == (message.ts, alice.id)
    assert (shout["subtype"], shout["thread_ts"]) == ("thread_broadcast", message.ts)
    assert changed["subtype"] == "message_changed"
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("first", "second")
    assert changed["message"]["edited"]["user"] == alice.id
    assert (gone["subtype"], gone["message"]["subtype"]) == ("message_changed", "tombstone")
    assert [bot.events(kind)[0]["reaction"] for kind in ("reaction_added", "reaction_removed")] == ["tada", "tada"]


async def test_deleted_reply_is_announced_as_deleted(slack: FakeSlack, bot: Bot) -> None:
    message = await slack.person("alice").say("#general", "oops")
    await slack.person("alice").delete(message)
    await slack.settled()

    assert bot.events()[1]["deleted_ts"] == message.ts
    assert slack.transcript("#general") == []


async def test_unfurl_is_a_change_without_edited(slack: FakeSlack, bot: Bot) -> None:
    message = await slack.person("alice").say("#general", "https://example.com")
    slack.unfurl(message, "Example")
    await slack.settled()

    changed = bot.events()[1]["message"]
    assert "edited" not in changed
    assert changed["attachments"] == [{"title": "Example"}]


async def test_channel_events(slack: FakeSlack, bot: Bot) -> None:
    alice = slack.person("alice")
    await alice.join("#general")
    await alice.set_topic("#general", "news")
    await alice.rename_channel("#general", "lobby")
    await alice.set_display_name("ally")
    await alice.archive("#lobby")
    await alice.archive("#lobby", archived=False)
    await alice.leave("#lobby")
    await slack.settled()

    kinds = [request.payload["event"]["type"] for request in bot.envelopes]
    assert [kind for kind in kinds if kind != "message"] == [
        "member_joined_channel",
        "channel_rename",
        "user_change",
        "channel_archive",
        "channel_unarchive",
        "member_left_channel",
    ]
    assert [event["subtype"] for event in bot.events()] == [
        "channel_join",
        "channel_topic",
        "channel_name",
        "channel_leave",
    ]
    assert slack.transcript("#lobby") == []
    assert slack.transcript("#lobby", system=True)[0] == ("ally", f"{alice.mention} has joined the channel", None)


async def test_events_need_membership_and_subscription(slack: FakeSlack, bot: Bot) -> None:
    slack.create_channel("#private", "group", with_app=False)
    slack.app.events.discard("reaction_added")
    alice = slack.person("alice")
    message = await alice.say("#private", "unseen")
    await alice.invite(slack.app, "#private")
    await alice.react(message, "eyes")
    await alice.say("#private", "seen")
    await slack.settled()

    assert [event["text"] for event in bot.events() if "subtype" not in event] == ["seen"]
    assert bot.events("reaction_added") == []
    assert bot.events()[-1]["channel_type"] == "group"


async def test_mention_is_doubled_for_subscribers(slack: FakeSlack, bot: Bot) -> None:
    slack.app.events.add("app_mention")
    await slack.person("alice").say("#general", f"<@{slack.app.user.id}> hi")
    await slack.settled()

    (mention,) = bot.events("app_mention")
    assert mention["ts"] == bot.events()[0]["ts"]


async def test_direct_message(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("alice").direct(slack.app, "psst")
    await slack.settled()

    assert [(event["channel_type"], event["channel"][0]) for event in bot.events()] == [("im", "D")]


async def test_unacknowledged_event_is_redelivered_three_times(slack: FakeSlack, bot: Bot) -> None:
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
    settings.retry_delays = (0.0, 0.5)
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


async def test_event_in_flight_when_the_connection_is_cut_comes_again(slack: FakeSlack, bot: Bot) -> None:
    slack.sockets.mute()
    await slack.person("alice").say("#general", "lost?")
    slack.sockets.cut()
    await slack.settled()

    assert [event["text"] for event in bot.events()] == ["lost?"]
    assert bot.envelopes[0].retry_attempt


async def test_mute_socket_answers_pings_and_carries_nothing(slack: FakeSlack, bot: Bot) -> None:
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
