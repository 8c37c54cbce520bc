"""What people do on Discord, as the relay is told."""

from typing import Any

import pytest

from bridges.discord.bridge import DiscordBridge
from hub.relay.contract import inbound
from hub.relay.contract.errors import Refused
from hub.relay.contract.inbound import ClearReactions, Delete, Edit, Message, React, Topic
from tests.bridges.discord.people import People, decoded, running
from tests.contract.bridges.test_bridge import part
from tests.fakes.discord import PRIVATE_THREAD, FakeDiscord
from tests.waiting import eventually

PLACE = "#general"


async def told(discord: FakeDiscord, bridge: DiscordBridge, count: int, *actions: Any) -> list[inbound.Inbound]:
    """What the relay is told while these things happen."""
    async with running(bridge) as received:
        for action in actions:
            await action
        await eventually(lambda: len(received.events) >= count)
        return await decoded(bridge, received)


async def message_of(discord: FakeDiscord, bridge: DiscordBridge, **fields: Any) -> Message:
    """What the relay is told of a message with these fields."""
    text = fields.pop("text", "")
    [message] = await told(discord, bridge, 1, discord.person("alice").say(PLACE, text, **fields))
    assert isinstance(message, Message)
    return message


async def test_edit_has_the_new_text_and_a_greater_version(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    async with running(bridge) as received:
        said = await alice.say(PLACE, "one")
        await alice.edit(said, "two")
        await alice.edit(said, "**three**")
        discord.unfurl(said, "a preview")
        await eventually(lambda: len(received.events) == 3)
        _, second, third = await decoded(bridge, received)
    assert isinstance(second, Edit)
    assert isinstance(third, Edit)
    assert [(it.remote_id, it.text) for it in (second, third)] == [(said.id, "two"), (said.id, "**three**")]
    assert "" < second.version < third.version


async def test_deletions_one_by_one_and_many_at_once(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    async with running(bridge) as received:
        said = [await alice.say(PLACE, str(number)) for number in range(3)]
        await alice.delete(said[0])
        discord.timeline.delete_all(said[1:])
        await eventually(lambda: len(received.events) == 6)
        found = await decoded(bridge, received)
    assert [it for it in found if isinstance(it, Delete)] == [Delete(it.id) for it in said]


async def test_reactions_come_and_go_but_not_the_bots(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice, key = discord.person("alice"), discord.guild.add_emoji("parrot")
    async with running(bridge) as received:
        said = await alice.say(PLACE, "hm")
        await alice.react(said, "👍")
        await alice.react(said, key)
        discord.timeline.react(said, discord.app.bot, "👍")
        await alice.unreact(said, "👍")
        discord.timeline.clear_reactions(said, key)
        discord.timeline.clear_reactions(said)
        await eventually(lambda: len(received.events) == 7)
        found = (await decoded(bridge, received))[1:]
    marks = [(it.emoji, it.added, it.user.name) for it in found if isinstance(it, React)]
    assert marks == [("👍", True, "Alice"), (":parrot:", True, "Alice"), ("👍", False, "Alice")]
    assert found[-2:] == [ClearReactions(said.id, ":parrot:"), ClearReactions(said.id)]


async def test_replies_and_threads_say_what_they_answer(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    async with running(bridge) as received:
        root = await alice.say(PLACE, "root")
        thread = await alice.thread(root, "talk")
        reply = await bob.say(PLACE, "reply", reply=root)
        inside = await bob.say(thread, "inside")
        await alice.say(thread, "deeper", reply=inside)
        await eventually(lambda: len(received.events) == 4)
        found = await decoded(bridge, received)
    assert [(it.remote_id, it.thread_id, it.reply_to) for it in found if isinstance(it, Message)][1:] == [
        (reply.id, None, root.id),
        (f"{inside.id}@{root.id}", root.id, None),
        (f"{discord.find(PLACE, 'deeper').id}@{root.id}", root.id, f"{inside.id}@{root.id}"),
    ]


async def test_thread_without_a_message_begins_with_its_name(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    async with running(bridge) as received:
        thread = await alice.thread(PLACE, "plan *B*")
        said = await alice.say(thread, "first")
        await eventually(lambda: len(received.events) == 2)
        began, first = await decoded(bridge, received)
    assert isinstance(began, Message)
    assert isinstance(first, Message)
    assert (began.remote_id, began.text, began.thread_id) == (thread.id, "started a thread: **plan \\*B\\***", None)
    assert (first.remote_id, first.thread_id) == (f"{said.id}@{thread.id}", thread.id)


async def test_notice_of_a_thread_at_an_older_message_is_about_that_message(
    discord: FakeDiscord, bridge: DiscordBridge
) -> None:
    alice = discord.person("alice")
    async with running(bridge) as received:
        root = await alice.say(PLACE, "root")
        await alice.say(PLACE, "newer")
        await alice.thread(root, "talk")
        await eventually(lambda: len(received.events) == 3)
        first, _, notice = await decoded(bridge, received)
    assert isinstance(first, Message)
    assert isinstance(notice, Message)
    assert (notice.remote_id, notice.version) == (first.remote_id, "")


async def test_notice_of_a_thread_at_what_the_hub_posted_stands_for_no_message(
    discord: FakeDiscord, bridge: DiscordBridge
) -> None:
    alice = discord.person("alice")
    async with running(bridge) as received:
        ours = await bridge.post(part(discord.channel(PLACE).id, "ours"), People())
        newer = await alice.say(PLACE, "newer")
        await alice.thread(discord.find(PLACE, "ours"), "talk")
        await alice.edit(newer, "edited")
        await eventually(lambda: len(received.events) == 4)
        found = await decoded(bridge, received)
    assert [type(it) for it in found] == [Message, Edit]
    assert ours not in {it.remote_id for it in found if isinstance(it, Message | Edit)}


async def test_forum_posts_are_messages_and_their_answers_threads(discord: FakeDiscord) -> None:
    forum = discord.create_forum("ideas")
    bridge = DiscordBridge("MTk4-fake", api_url=discord.api_url)
    await bridge.connect()
    alice = discord.person("alice")
    async with running(bridge) as received:
        post = await alice.forum_post("ideas", "A title", "body")
        answer = await alice.say(post, "answer")
        await eventually(lambda: len(received.events) == 2)
        found = await decoded(bridge, received)
    assert {event.remote_channel for event in received.events.values()} == {forum.id}
    assert [(it.remote_id, it.thread_id) for it in found if isinstance(it, Message)] == [
        (post.id, None),
        (f"{answer.id}@{post.id}", post.id),
    ]


async def test_private_threads_are_none_of_the_hubs(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    async with running(bridge) as received:
        thread = await alice.thread(PLACE, "secret", PRIVATE_THREAD)
        thread.owner_id = discord.app.bot.id  # the bot is in it
        discord.timeline.post(thread, alice._message("psst"))
        await alice.say(PLACE, "aloud")
        await eventually(lambda: len(received.events) > 0)
        found = await decoded(bridge, received)
    assert [it.text for it in found if isinstance(it, Message)] == ["aloud"]


async def test_mentions_and_channels_are_named_as_on_the_hub(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    other, role = discord.create_channel("#other"), discord.guild.add_role("Staff")
    people = People(channels={discord.channel(PLACE).id: "general"})
    key = discord.guild.add_emoji("parrot")
    async with running(bridge) as received:
        text = f"{bob.mention} <#{discord.channel(PLACE).id}> <#{other.id}> <@&{role['id']}> <:{key}> <t:0>"
        await alice.say(PLACE, text)
        await eventually(lambda: len(received.events) == 1)
        [message] = await decoded(bridge, received, people)
    assert isinstance(message, Message)
    assert message.text == "@bob-discord #general #other @Staff :parrot: 1970-01-01 00:00 UTC"


async def test_nickname_is_the_name(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    alice.user.nick, alice.user.avatar = "Ally", "abc"
    message = await message_of(discord, bridge, text="hi")
    assert (message.author.name, message.author.id) == ("Ally", alice.id)
    assert message.author.avatar_url == f"https://cdn.discordapp.com/avatars/{alice.id}/abc.png?size=128"


async def test_stickers_embeds_polls_and_forwards_are_readable(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    stickers = [{"id": "7", "name": "Wave", "format_type": 1}, {"id": "8", "name": "Odd", "format_type": 3}]
    embed = {
        "type": "rich",
        "title": "Build *failed*",
        "url": "https://ci.example/1",
        "description": "on **main**",
        "fields": [{"name": "by", "value": "wren"}],
        "footer": {"text": "just now"},
    }
    poll = {
        "question": {"text": "Lunch?"},
        "answers": [
            {"answer_id": 1, "poll_media": {"text": "Pizza", "emoji": {"name": "🍕"}}},
            {"answer_id": 2, "poll_media": {"text": "Soup"}},
        ],
    }
    preview = {"type": "link", "title": "a preview"}
    message = await message_of(discord, bridge, text="look", stickers=stickers, embeds=[embed, preview], poll=poll)
    assert message.text.splitlines() == [
        "look",
        "**Build \\*failed\\*** https://ci.example/1",
        "on **main**",
        "**by**: wren",
        "just now",
        "(sticker: Wave) https://media.discordapp.net/stickers/7.png",
        "(sticker: Odd)",
        "Poll: **Lunch?**",
        "- 🍕 Pizza",
        "- Soup",
    ]


async def test_forwarded_message_is_quoted_with_its_files(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    async with running(bridge) as received:
        first = await alice.upload(PLACE, "a.txt", b"bytes", text="one\ntwo")
        await bob.forward(first, PLACE)
        await eventually(lambda: len(received.events) == 2)
        _, forwarded = await decoded(bridge, received)
        assert isinstance(forwarded, Message)
        assert forwarded.text == "forwarded:\n> one\n> two"
        assert forwarded.reply_to is None
        [file] = forwarded.files
        assert b"".join([it async for it in bridge.download(file)]) == b"bytes"


async def test_file_whose_address_is_too_old_is_asked_for_again(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    async with running(bridge) as received:
        said = await discord.person("alice").upload(PLACE, "a.txt", b"bytes")
        await eventually(lambda: len(received.events) == 1)
        [message] = await decoded(bridge, received)
    assert isinstance(message, Message)
    [file] = message.files
    assert (message.text, file.name, file.size) == ("", "a.txt", 5)
    discord.faults.html_file("a.txt")
    assert b"".join([it async for it in bridge.download(file)]) == b"bytes"
    discord.faults.html_file("a.txt", times=2)
    with pytest.raises(Refused):
        [it async for it in bridge.download(file)]
    said.attachments.clear()
    with pytest.raises(Refused):
        [it async for it in bridge.download(file)]


async def test_file_elsewhere_is_not_fetched(bridge: DiscordBridge) -> None:
    file = inbound.File("a", None, 1, '["http://169.254.169.254/secret", "1", "2", "3"]')
    with pytest.raises(Refused, match="address"):
        [it async for it in bridge.download(file)]


async def test_topic_is_told_when_it_changes_and_not_when_the_bridge_set_it(
    discord: FakeDiscord, bridge: DiscordBridge
) -> None:
    async with running(bridge) as received:
        await discord.person("alice").set_topic(PLACE, "news")
        await discord.person("alice").set_topic(PLACE, "news")
        await eventually(lambda: len(received.events) == 1)
        [topic] = await decoded(bridge, received)
    assert isinstance(topic, Topic)
    assert (topic.text, topic.user.name) == ("news", "AirChat Test")


async def test_webhooks_of_others_are_people_of_their_own(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    message = await message_of(discord, bridge, text="beep", webhook_id=discord.person("alice").id)
    assert (message.author.id, message.author.bot) == (f"{discord.person('alice').id}:alice", True)


@pytest.mark.parametrize(
    "text",
    [
        "@everyone @here",
        "<@&1> <@1> <#1>",
        "```\n@everyone",
        "\x00\x1b[31mred",
        "||spoiler||",
        "[a](javascript:alert(1))",
    ],
)
async def test_hostile_text_is_text(discord: FakeDiscord, bridge: DiscordBridge, text: str) -> None:
    message = await message_of(discord, bridge, text=text)
    assert "\x00" not in message.text
    assert "\x1b" not in message.text
    assert "[a](javascript" not in message.text
