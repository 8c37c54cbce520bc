"""Connecting, resuming and being told, with the real client."""

import asyncio

import discord
import pytest

from tests.fakes.discord import FakeDiscord, Settings
from tests.waiting import SECONDS

from .conftest import Bot, default_intents

GENERAL = "#general"


async def test_client_gets_ready_and_knows_guild_and_channels(fake: FakeDiscord, bot: Bot) -> None:
    assert [guild.name for guild in bot.guilds] == ["AirChat Test"]
    assert [channel.name for channel in bot.guilds[0].text_channels] == ["general"]
    assert bot.application_id == int(fake.app.id)


async def test_bad_token_is_refused(fake: FakeDiscord) -> None:
    bot = Bot()
    with pytest.raises(discord.LoginFailure):
        await bot.begin("nonsense")
    await bot.end()


async def test_missing_privileged_intent_closes_with_4014(fake: FakeDiscord) -> None:
    fake.settings.privileged = frozenset()
    bot = Bot()
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.begin()
    await bot.end()


async def test_without_the_intent_the_content_is_empty(fake: FakeDiscord) -> None:
    intents = default_intents()
    intents.message_content = False
    bot = Bot(intents)
    await bot.begin()
    alice = fake.person("alice")
    await alice.say(GENERAL, "secret")
    await alice.say(GENERAL, f"hello {fake.app.bot.mention}")
    await fake.wait_for(lambda: len(bot.of("message")) == 2)
    assert [it.content for it in bot.of("message")] == ["", f"hello {fake.app.bot.mention}"]
    await bot.end()


async def test_messages_edits_deletes_and_reactions_arrive_in_order(fake: FakeDiscord, bot: Bot) -> None:
    alice = fake.person("alice")
    message = await alice.say(GENERAL, "one")
    await alice.edit(message, "two")
    await alice.react(message, "👍")
    await alice.unreact(message, "👍")
    await alice.delete(message)
    await fake.wait_for(lambda: bot.of("raw_message_delete"))
    names = ("message", "raw_message_edit", "raw_reaction_add", "raw_reaction_remove", "raw_message_delete")
    assert [name for name, _ in bot.happened if name in names] == list(names)
    assert bot.of("message")[0].author.display_name == "Alice"
    assert bot.of("raw_reaction_add")[0].emoji.name == "👍"


async def test_bulk_deletes_and_cleared_reactions_are_told(fake: FakeDiscord, bot: Bot) -> None:
    alice = fake.person("alice")
    said = [await alice.say(GENERAL, str(number)) for number in range(3)]
    await alice.react(said[2], "👍")
    fake.timeline.clear_reactions(said[2])
    fake.timeline.delete_all(said[:2])
    await fake.wait_for(lambda: bot.of("raw_bulk_message_delete"))
    assert bot.of("raw_bulk_message_delete")[0].message_ids == {int(it.id) for it in said[:2]}
    assert bot.of("raw_reaction_clear")[0].message_id == int(said[2].id)


@pytest.mark.parametrize("interruption", ["cut", "reconnect", "resumable"])
async def test_session_is_resumed_and_nothing_lost(fake: FakeDiscord, bot: Bot, interruption: str) -> None:
    alice = fake.person("alice")
    await alice.say(GENERAL, "before")
    await fake.wait_for(lambda: bot.of("message"))
    if interruption == "cut":
        fake.gateway.cut()
    elif interruption == "reconnect":
        fake.gateway.reconnect()
    else:
        fake.gateway.invalidate(resumable=True)
    await alice.say(GENERAL, "meanwhile")
    await fake.wait_for(lambda: len(bot.of("message")) == 2)
    assert (fake.gateway.identified, fake.gateway.resumed) == (1, 1)
    assert [it.content for it in bot.of("message")] == ["before", "meanwhile"]


async def test_invalid_session_begins_anew_and_loses_what_was_said(fake: FakeDiscord, bot: Bot) -> None:
    fake.gateway.forget()
    fake.gateway.cut()
    await fake.person("alice").say(GENERAL, "meanwhile")
    await fake.wait_for(lambda: len(bot.of("ready")) == 2)
    assert (fake.gateway.identified, bot.of("message")) == (2, [])


async def test_zombie_neither_answers_heartbeats_nor_says_anything(fake: FakeDiscord, bot: Bot) -> None:
    fake.gateway.mute()
    await fake.person("alice").say(GENERAL, "unheard")
    await asyncio.sleep(0.1)
    assert bot.of("message") == []
    assert fake.connected


async def test_heartbeats_are_answered(settings: Settings, fake: FakeDiscord) -> None:
    settings.heartbeat_interval = 0.05
    bot = Bot()
    await bot.begin()
    await fake.wait_for(lambda: fake.gateway.sockets[0].beats > 3)
    assert bot.latency < 10
    await bot.end()


async def test_duplicates_drops_and_malformed_dispatches(fake: FakeDiscord, bot: Bot) -> None:
    alice = fake.person("alice")
    fake.faults.duplicate("MESSAGE_CREATE")
    await alice.say(GENERAL, "twice")
    await fake.wait_for(lambda: len(bot.of("message")) == 2)
    fake.faults.drop("MESSAGE_CREATE")
    await alice.say(GENERAL, "never")
    await alice.say(GENERAL, "after")
    await fake.wait_for(lambda: len(bot.of("message")) == 3)
    assert [it.content for it in bot.of("message")] == ["twice", "twice", "after"]
    fake.faults.malform("MESSAGE_CREATE")
    await alice.say(GENERAL, "poison")
    assert bot.task is not None
    await asyncio.wait({bot.task}, timeout=SECONDS)
    assert bot.task.exception() is not None


async def test_edit_can_arrive_before_its_message(fake: FakeDiscord, bot: Bot) -> None:
    fake.faults.edit_first()
    message = await fake.person("alice").say(GENERAL, "one")
    await fake.person("alice").edit(message, "two")
    await fake.wait_for(lambda: bot.of("message"))
    order = [name for name, _ in bot.happened if name in {"message", "raw_message_edit"}]
    assert order == ["raw_message_edit", "message"]


async def test_channel_the_bot_cannot_see_is_not_told_about(fake: FakeDiscord, bot: Bot) -> None:
    fake.create_channel("#secret")
    fake.deny("#secret", "VIEW_CHANNEL")
    await fake.person("alice").say("#secret", "psst")
    await fake.person("alice").say(GENERAL, "aloud")
    await fake.wait_for(lambda: bot.of("message"))
    assert [it.content for it in bot.of("message")] == ["aloud"]
