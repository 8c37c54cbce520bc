"""Which events an app gets, and what they look like."""

from tests.fakes.slack import FakeSlack

from .conftest import Bot


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
