"""REST with the real client: messages, webhooks, threads, forums, files."""

import io

import discord
import pytest

from tests.fakes.discord import FORUM, FakeDiscord

from .conftest import Bot

GENERAL = "#general"


def general(bot: Bot) -> discord.TextChannel:
    return bot.guilds[0].text_channels[0]


async def test_posts_edits_and_deletes_of_the_bot(fake: FakeDiscord, bot: Bot) -> None:
    message = await general(bot).send("one", allowed_mentions=discord.AllowedMentions.none())
    await message.edit(content="two")
    assert fake.transcript(GENERAL) == [("airchat", "two", None, None)]
    await message.delete()
    assert fake.transcript(GENERAL) == []
    with pytest.raises(discord.NotFound):
        await message.delete()


async def test_nonce_makes_a_post_once(fake: FakeDiscord, bot: Bot) -> None:
    for _ in range(2):
        await general(bot).send("once", nonce="n-1")
    assert len(fake.messages(GENERAL)) == 1


async def test_webhook_posts_under_any_name_and_echoes(fake: FakeDiscord, bot: Bot) -> None:
    hook = await general(bot).create_webhook(name="AirChat")
    sent = await hook.send("hello", username="wren", wait=True)
    await fake.wait_for(lambda: bot.of("message"))
    echo = bot.of("message")[0]
    assert (echo.webhook_id, echo.author.name, echo.application_id) == (hook.id, "wren", bot.application_id)
    await hook.edit_message(sent.id, content="changed")
    assert fake.transcript(GENERAL) == [("wren", "changed", None, None)]
    await hook.delete_message(sent.id)
    assert fake.transcript(GENERAL) == []
    for name in ("Clyde the Great", "my discord", "x" * 81):
        with pytest.raises(discord.HTTPException):
            await hook.send("hello", username=name)


async def test_threads_and_webhooks_in_them(fake: FakeDiscord, bot: Bot) -> None:
    root = await fake.person("alice").say(GENERAL, "root")
    thread = await general(bot).get_partial_message(int(root.id)).create_thread(name="talk")
    assert thread.id == int(root.id)
    hook = await general(bot).create_webhook(name="AirChat")
    await hook.send("inside", username="wren", thread=thread, wait=True)
    assert fake.transcript(GENERAL) == [("Alice", "root", None, None), ("wren", "inside", "root", None)]


async def test_forum_posts_begin_with_their_first_message(fake: FakeDiscord) -> None:
    fake.guild.add_channel("ideas", FORUM)
    bot = Bot()
    await bot.begin()
    forum = bot.guilds[0].forums[0]
    hook = await forum.create_webhook(name="AirChat")
    sent = await hook.send("body", username="wren", thread_name="A title", wait=True)
    assert sent.id == sent.channel.id
    with pytest.raises(discord.HTTPException):
        await hook.send("body", username="wren", wait=True)
    assert fake.transcript("ideas") == [("wren", "body", None, None)]
    await bot.end()


async def test_files_both_ways(fake: FakeDiscord, bot: Bot) -> None:
    await general(bot).send("see", file=discord.File(io.BytesIO(b"bytes"), "a.txt"))
    await fake.person("alice").upload(GENERAL, "b.txt", b"more")
    await fake.wait_for(lambda: len(bot.of("message")) == 2)
    assert [await it.attachments[0].read() for it in bot.of("message")] == [b"bytes", b"more"]
    fake.settings.upload_bytes = 3
    with pytest.raises(discord.HTTPException) as caught:
        await general(bot).send("see", file=discord.File(io.BytesIO(b"bytes"), "a.txt"))
    assert caught.value.status == 413


async def test_history_pages_and_archived_threads(fake: FakeDiscord, bot: Bot) -> None:
    alice = fake.person("alice")
    first = await alice.say(GENERAL, "0")
    for number in range(1, 230):
        await alice.say(GENERAL, str(number))
    texts = [it.content async for it in general(bot).history(limit=None, after=discord.Object(int(first.id)))]
    assert texts == [str(number) for number in range(1, 230)]
    thread = await alice.thread(first, "old")
    fake.timeline.archive(thread)
    assert [it.name async for it in general(bot).archived_threads()] == ["old"]


async def test_reactions_of_the_bot_and_who_reacted(fake: FakeDiscord, bot: Bot) -> None:
    message = await fake.person("alice").say(GENERAL, "hm")
    await fake.person("alice").react(message, "👍")
    seen = await general(bot).fetch_message(int(message.id))
    await seen.add_reaction("👍")
    again = await general(bot).fetch_message(int(message.id))
    assert [(it.emoji, it.count, it.me) for it in again.reactions] == [("👍", 2, True)]
    assert [user.name async for user in again.reactions[0].users()] == ["alice", "airchat"]
    await again.remove_reaction("👍", discord.Object(int(fake.app.bot.id)))
    assert message.reactions == {"👍": [fake.person("alice").id]}


async def test_mentions_ping_only_whom_they_may(fake: FakeDiscord, bot: Bot) -> None:
    alice, bob = fake.person("alice"), fake.person("bob")
    text = f"{alice.mention} {bob.mention} @everyone"
    allowed = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(int(alice.id))])
    await general(bot).send(text, allowed_mentions=allowed)
    await general(bot).send(text, allowed_mentions=discord.AllowedMentions.none())
    assert [it.pings for it in fake.messages(GENERAL)] == [{alice.id}, set()]
    hook = await general(bot).create_webhook(name="careless")
    await hook.send(text, username="wren")
    assert fake.messages(GENERAL)[2].pings == {alice.id, bob.id, "everyone"}


async def test_permissions_are_asked_for(fake: FakeDiscord, bot: Bot) -> None:
    fake.deny(GENERAL, "MANAGE_WEBHOOKS")
    with pytest.raises(discord.Forbidden) as caught:
        await general(bot).create_webhook(name="AirChat")
    assert caught.value.code == 50013
    fake.deny(GENERAL, "VIEW_CHANNEL")
    with pytest.raises(discord.Forbidden) as caught:
        await general(bot).fetch_message(1)
    assert caught.value.code == 50001


async def test_topic_is_changed(fake: FakeDiscord, bot: Bot) -> None:
    await general(bot).edit(topic="news")
    assert fake.channel(GENERAL).topic == "news"
