"""What was missed: history up to the watermark, and the sweep for changes of what is known already."""

import asyncio
import time

import pytest

from bridges.discord import ids
from bridges.discord.bridge import DiscordBridge
from hub.relay.contract.bridge import LinkedChannel, Window
from hub.relay.contract.errors import NotReady
from hub.relay.contract.inbound import Current, Message
from hub.relay.contract.outbound import Author, Post
from tests.bridges.discord.people import People, decoded
from tests.contract.bridges.sides import Received
from tests.fakes.discord import FORUM, FakeDiscord

PLACE = "#general"


def linked(discord: FakeDiscord, **fields: object) -> LinkedChannel:
    known: dict[str, object] = {"watermark": None, "linked_at": time.time_ns() // 1000 - 60_000_000}
    return LinkedChannel(discord.channel(PLACE).id, **(known | fields))  # type: ignore[arg-type]


async def read(bridge: DiscordBridge, channel: LinkedChannel) -> tuple[list[str], Received]:
    received = Received()
    await bridge.read_up(channel, received)
    return [it.text for it in await decoded(bridge, received) if isinstance(it, Message)], received


async def current(bridge: DiscordBridge, discord: FakeDiscord, *remote_ids: str) -> dict[str, Current]:
    window = Window(discord.channel(PLACE).id, remote_ids, {})
    return {it.remote_id: it async for it in bridge.sweep(window, People())}


async def test_channel_and_all_its_threads_are_read_page_by_page(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    root = await alice.say(PLACE, "root")
    live, old = await alice.thread(root, "live"), await alice.thread(PLACE, "old")
    for number in range(250):
        await alice.say(PLACE, f"{number}")
    await alice.say(live, "in the live one")
    await alice.say(old, "in the old one")
    discord.timeline.archive(old)
    texts, received = await read(bridge, linked(discord))
    assert texts[:2] == ["root", "started a thread: **old**"]
    assert texts[2:] == [*(str(number) for number in range(250)), "in the live one", "in the old one"]
    assert received.cursor == f"{old.id}:{discord.find(PLACE, 'in the old one').id}"


async def test_reading_goes_on_where_it_was_interrupted(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    said = [await alice.say(PLACE, f"{number}") for number in range(150)]
    thread = await alice.thread(said[149], "talk")
    await alice.say(thread, "inside")
    texts, _ = await read(bridge, linked(discord, cursor=f"{discord.channel(PLACE).id}:{said[99].id}"))
    assert texts == [*(str(number) for number in range(100, 150)), "inside"]
    texts, _ = await read(bridge, linked(discord, cursor=f"{thread.id}:{thread.id}"))
    assert texts == ["inside"]


async def test_nothing_from_before_the_link_but_what_was_asked_for(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    for number in range(5):
        await alice.say(PLACE, f"before {number}")
    await asyncio.sleep(0.005)
    linked_at = time.time_ns() // 1000
    await alice.say(PLACE, "after")
    assert (await read(bridge, linked(discord, linked_at=linked_at)))[0] == ["after"]
    some = linked(discord, linked_at=linked_at, earlier=2)
    assert (await read(bridge, some))[0] == ["before 3", "before 4", "after"]


async def test_overlap_reads_what_a_lost_connection_swallowed(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    await alice.say(PLACE, "swallowed")
    last = await alice.say(PLACE, "arrived")
    watermark = f"{ids.order_key(int(last.id), 3)}"
    assert (await read(bridge, linked(discord, watermark=watermark)))[0] == ["swallowed", "arrived"]


async def test_forum_has_only_threads(discord: FakeDiscord) -> None:
    forum = discord.create_channel("ideas", FORUM)
    bridge = DiscordBridge("MTk4-fake", api_url=discord.api_url)
    await bridge.connect()
    post = await discord.person("alice").forum_post("ideas", "A title", "body")
    await discord.person("bob").say(post, "answer")
    received = Received()
    await bridge.read_up(LinkedChannel(forum.id, None, time.time_ns() // 1000 - 60_000_000), received)
    assert [it.text for it in await decoded(bridge, received) if isinstance(it, Message)] == ["body", "answer"]


async def test_channel_that_cannot_be_read_is_tried_later(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    await discord.person("alice").say(PLACE, "hello")
    discord.deny(PLACE, "READ_MESSAGE_HISTORY")
    with pytest.raises(NotReady):
        await read(bridge, linked(discord))


async def test_limits_while_reading_are_waited_for(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    await discord.person("alice").say(PLACE, "hello")
    discord.faults.rate_limit("GET /channels/*/messages", retry_after=0.1, times=2)
    assert (await read(bridge, linked(discord)))[0] == ["hello"]
    discord.faults.fail_before("GET /channels/*/messages")
    with pytest.raises(NotReady):
        await read(bridge, linked(discord))


async def test_sweep_tells_how_messages_stand(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice, bob, key = discord.person("alice"), discord.person("bob"), discord.guild.add_emoji("parrot")
    same, edited, deleted = [await alice.say(PLACE, text) for text in ("same", "edited", "deleted")]
    thread = await alice.thread(same, "talk")
    inside, gone = await bob.say(thread, "inside"), await bob.say(thread, "gone")
    await alice.edit(edited, "new")
    await alice.delete(deleted)
    await alice.delete(gone)
    for user in (alice, bob):
        await user.react(same, "👍")
    await bob.react(inside, key)
    discord.timeline.react(same, discord.app.bot, "👍")
    discord.timeline.react(same, discord.app.bot, "🎉")
    found = await current(
        bridge, discord, same.id, edited.id, deleted.id, f"{inside.id}@{thread.id}", f"{gone.id}@{thread.id}"
    )
    assert {key: it.message.text if it.message else None for key, it in found.items()} == {
        same.id: "same",
        edited.id: "new",
        deleted.id: None,
        f"{inside.id}@{thread.id}": "inside",
        f"{gone.id}@{thread.id}": None,
    }
    assert found[edited.id].message is not None
    assert found[edited.id].message.version > found[same.id].message.version == ""  # type: ignore[union-attr]
    marks = {key: sorted((user.name, emoji) for user, emoji in it.reactions or ()) for key, it in found.items()}
    assert marks[same.id] == [("Alice", "👍"), ("Bob", "👍")]
    assert marks[f"{inside.id}@{thread.id}"] == [("Bob", ":parrot:")]


async def test_sweep_is_sure_before_it_says_that_something_is_gone(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    alice = discord.person("alice")
    alone, lost = await alice.thread(PLACE, "alone"), await alice.thread(PLACE, "lost")
    said = await alice.say(lost, "in a thread that goes")
    discord.timeline.archive(alone)
    del discord.guild.channels[lost.id]
    root = await alice.say(PLACE, "goes, and leaves its thread")
    await alice.thread(root, "left")
    await alice.delete(root)
    found = await current(bridge, discord, alone.id, f"{said.id}@{lost.id}", root.id)
    assert {key: it.message for key, it in found.items()} == {f"{said.id}@{lost.id}": None, root.id: None}


async def test_sweep_tells_of_what_the_bridge_posted_as_well(discord: FakeDiscord, bridge: DiscordBridge) -> None:
    home = discord.channel(PLACE).id
    ours = [
        await bridge.post(Post(f"m{it}:0", home, Author("w", "wren"), f"mine {it}", 0), People()) for it in range(2)
    ]
    await discord.person("alice").react(discord.find(PLACE, "mine 0"), "👍")
    discord.timeline.delete(discord.find(PLACE, "mine 1"))
    found = await current(bridge, discord, *ours)
    assert found[ours[0]].message is not None
    assert [(user.name, emoji) for user, emoji in found[ours[0]].reactions or ()] == [("Alice", "👍")]
    assert found[ours[1]].message is None
