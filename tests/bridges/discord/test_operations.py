"""Everything people do, between a hub and Discord, over real sockets, also while the hub was away."""

from pathlib import Path

import pytest

from bridges.discord.platform import discord_platform
from bridges.loopback.bridge import loopback_platform
from bridges.loopback.platform import LoopbackPlatform
from hub.core.clock import system_clock
from hub.core.system import SYSTEM, system_principal
from hub.relay.linking import ConfiguredLink
from tests.bridges.discord.world import PLACE, World
from tests.fakes.discord import BOT_TOKEN, FakeDiscord
from tests.hub.relay.hub import Hub
from tests.waiting import eventually


async def says(hub: Hub, *texts: str) -> bool:
    return sorted(it.content for it in await hub.written() if it.deleted_at is None) == sorted(texts)


async def has_marks(hub: Hub, text: str, *emoji: str) -> bool:
    message = await hub.find(text)
    async with hub.store.read() as unit:
        return [it.emoji for it in await unit.messages.reactions([message.id])] == list(emoji)


async def test_edits_and_deletions_go_both_ways(world: World, discord: FakeDiscord, hub: Hub) -> None:
    alice, wren = discord.person("alice"), await hub.agent("wren")
    said = await alice.say(PLACE, "one")
    await world.same(1)
    posted = (await hub.post("wren", "uno")).message
    await world.same(2)
    await alice.edit(said, "two")
    await hub.messages.edit(wren, posted.id, "due")
    await eventually(lambda: says(hub, "two", "due"))
    await discord.wait_for(lambda: [line.text for line in world.shown()] == ["two", "due"])
    await alice.delete(said)
    await hub.messages.delete(wren, posted.id)
    await eventually(lambda: says(hub))
    await discord.wait_for(lambda: world.shown() == [])


async def test_reactions_go_both_ways(world: World, discord: FakeDiscord, hub: Hub) -> None:
    alice, bob, wren = discord.person("alice"), discord.person("bob"), await hub.agent("wren")
    reactions = hub.reactions
    said = await alice.say(PLACE, "hm")
    await world.same(1)
    await bob.react(said, "👍")
    await eventually(lambda: has_marks(hub, "hm", "👍"))
    await reactions.add(wren, (await hub.find("hm")).id, "🎉")
    await discord.wait_for(lambda: said.reactions == {"👍": [bob.id], "🎉": [discord.app.bot.id]})
    await bob.unreact(said, "👍")
    await reactions.remove(wren, (await hub.find("hm")).id, "🎉")
    await discord.wait_for(lambda: said.reactions == {})
    await eventually(lambda: has_marks(hub, "hm"))


async def test_files_go_both_ways(discord: FakeDiscord, tmp_path: Path) -> None:
    rooms = LoopbackPlatform()
    platforms = [discord_platform(BOT_TOKEN, api_url=discord.api_url), loopback_platform(rooms, "east")]
    links = [ConfiguredLink("general", "discord", PLACE), ConfiguredLink("general", "east", "lobby")]
    hub = Hub(tmp_path, platforms, links)
    await hub.start()
    try:
        await discord.wait_for(lambda: discord.connected and len(hub.relay.links.all()) == 2)
        await discord.person("alice").upload(PLACE, "a.txt", b"bytes" * 1_000, text="look")
        await discord.wait_for(lambda: [it.files for it in rooms.posts] == [(("a.txt", b"bytes" * 1_000),)])
        rooms.write("lobby", "Ann", "", files=(("b.png", b"picture"), ("c.txt", b"c")))
        await discord.wait_for(lambda: len(discord.messages(PLACE)) == 2)
        message = discord.messages(PLACE)[1]
        assert [(it.filename, it.content) for it in message.attachments] == [("b.png", b"picture"), ("c.txt", b"c")]
    finally:
        await hub.stop()


async def test_what_happened_while_the_hub_was_away_is_made_up_for(
    world: World, discord: FakeDiscord, hub: Hub
) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    kept, edited, deleted = [await alice.say(PLACE, text) for text in ("kept", "edited", "deleted")]
    await hub.post("wren", "from the hub")
    await world.same(4)
    await hub.stop()
    await alice.edit(edited, "changed")
    await alice.delete(deleted)
    await bob.react(kept, "👍")
    await bob.react(discord.find(PLACE, "from the hub"), "🎉")
    await alice.say(PLACE, "new")
    await hub.start()
    await eventually(lambda: says(hub, "kept", "changed", "from the hub", "new"))
    await eventually(lambda: has_marks(hub, "kept", "👍"))
    await eventually(lambda: has_marks(hub, "from the hub", "🎉"))


async def test_same_words_again_and_again_are_as_many_messages(world: World, discord: FakeDiscord, hub: Hub) -> None:
    discord.faults.lose_response("POST /webhooks/*", times=2, skip=1)
    for _ in range(4):
        await hub.post("wren", "ok")
    await world.same(4)


async def test_topic_goes_both_ways(world: World, discord: FakeDiscord, hub: Hub) -> None:
    await discord.person("alice").set_topic(PLACE, "from Discord")

    async def has(topic: str) -> bool:
        channel = await hub.directory.find_channel("general")
        return channel is not None and channel.topic == topic

    await eventually(lambda: has("from Discord"))
    system = await system_principal(hub.store, system_clock, SYSTEM)
    await hub.channels.update(system, "general", topic="from the hub")
    await discord.wait_for(lambda: discord.channel(PLACE).topic == "from the hub")


@pytest.mark.parametrize("kind", ["text", "name"])
async def test_hostile_texts_and_names_stay_what_they_are(
    world: World, discord: FakeDiscord, hub: Hub, kind: str
) -> None:
    bob = discord.person("bob")
    if kind == "text":
        await hub.post("wren", f"@everyone <@{bob.id}> <@&1> `@here` [x](https://a.example) \\<#1> \u202eevil")
    else:
        bob.user.nick = "@everyone\n**Discord** <@1>"
        await bob.say(PLACE, "hi")
        await hub.post("clyde", "hello")
    await world.wait_hub(1 if kind == "text" else 2)
    await discord.wait_for(lambda: len(world.shown()) == (1 if kind == "text" else 2))
    assert all(message.pings == set() for message in discord.messages(PLACE))


async def test_topic_that_was_changed_while_the_hub_was_away_is_found(
    world: World, discord: FakeDiscord, hub: Hub
) -> None:
    async def topic() -> str | None:
        channel = await hub.directory.find_channel("general")
        return channel.topic if channel is not None else None

    async def settled() -> bool:
        async with hub.store.read() as unit:
            return all(link.topic == "" for link in await unit.relay.links())

    await eventually(settled)  # there was none when the channel was linked
    await hub.stop()
    await discord.person("alice").set_topic(PLACE, "meanwhile")
    await hub.start()

    async def found() -> bool:
        return await topic() == "meanwhile"

    await eventually(found)
