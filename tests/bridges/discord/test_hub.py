"""Messages between a hub and Discord, over real sockets, when nothing goes wrong and when everything does."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.discord import gateway
from bridges.discord.platform import discord_platform
from hub.relay.linking import ConfiguredLink
from tests.bridges.discord.world import PLACE, World
from tests.fakes.discord import BOT_TOKEN, FakeDiscord, Faults
from tests.hub.relay.hub import Hub, Line

POSTS = "POST /webhooks/*"


async def test_messages_go_both_ways_under_their_authors_names(world: World, discord: FakeDiscord, hub: Hub) -> None:
    await discord.person("alice").say(PLACE, "hello **all**")
    await hub.post("wren", "hello you")
    await world.same(2)
    assert sorted(await hub.transcript()) == [Line("Alice", "hello **all**"), Line("wren", "hello you")]


async def test_threads_go_both_ways(world: World, discord: FakeDiscord, hub: Hub) -> None:
    root = (await hub.post("wren", "root")).message
    await world.same(1)
    thread = await discord.person("alice").thread(discord.find(PLACE, "root"), "talk")
    await discord.person("alice").say(thread, "from Discord")
    await hub.post("heron", "from the hub", parent=root)
    question = await discord.person("bob").say(PLACE, "question")
    await discord.person("bob").say(PLACE, "so that it is older")
    await world.same(5)
    await hub.post("wren", "answer", parent=await hub.find("question"))
    await world.same(6)
    assert question.id in discord.guild.channels
    assert [line.thread for line in await hub.transcript()] == [None, "root", "root", None, None, "question"]


def lose_and_limit(faults: Faults) -> None:
    faults.lose_response(POSTS)
    faults.rate_limit("GET /channels/*", retry_after=0.2)


FAULTS: dict[str, Callable[[Faults], None]] = {
    "answers get lost": lambda faults: faults.lose_response(POSTS, times=2),
    "errors after storing": lambda faults: faults.fail_after(POSTS, times=2),
    "errors before storing": lambda faults: faults.fail_before(POSTS, times=2),
    "asked to slow down": lambda faults: faults.rate_limit(POSTS, retry_after=0.3, times=2),
    "asked to slow down everywhere": lambda faults: faults.rate_limit(POSTS, retry_after=0.3, everywhere=True),
    "the proxy in front refuses": lambda faults: faults.cloudflare(POSTS, retry_after=0.3),
    "the echo comes first": lambda faults: faults.echo_first(times=3),
    "events come twice": lambda faults: faults.duplicate("MESSAGE_CREATE", times=4),
    "events that cannot be read": lambda faults: faults.malform("MESSAGE_CREATE", times=2),
    "an edit comes first": lambda faults: faults.edit_first(),
    "looking for what was lost is limited": lose_and_limit,
    "beginning the thread fails": lambda faults: faults.fail_after("POST /channels/*/threads"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
async def test_transcripts_are_the_same_after(world: World, discord: FakeDiscord, hub: Hub, fault: str) -> None:
    await hub.post("wren", "root")
    await world.same(1)
    FAULTS[fault](discord.faults)
    for number in range(2):
        await discord.person("alice").say(PLACE, f"Discord {number}")
        await hub.post("wren", f"hub {number}")
    await hub.post("wren", "answer", parent=await hub.find("root"))
    if fault == "an edit comes first":
        said = discord.find(PLACE, "Discord 0")
        await discord.person("alice").edit(said, "Discord 0")
    await world.same(6)
    assert discord.faults.fired


@pytest.mark.parametrize("interruption", ["cut", "reconnect", "resumable", "invalid", "closed"])
async def test_connection_is_interrupted(world: World, discord: FakeDiscord, hub: Hub, interruption: str) -> None:
    there = discord.gateway
    interrupt: dict[str, Callable[[], None]] = {
        "cut": there.cut,
        "reconnect": there.reconnect,
        "resumable": lambda: there.invalidate(resumable=True),
        "invalid": there.invalidate,
        "closed": lambda: there.close(4000),
    }
    await discord.person("alice").say(PLACE, "before")
    await world.wait_hub(1)
    opened = there.opened
    interrupt[interruption]()
    await discord.person("alice").say(PLACE, "meanwhile")
    await hub.post("wren", "from the hub")
    await discord.wait_for(lambda: there.opened > opened and discord.connected)
    await discord.person("alice").say(PLACE, "after")
    await world.same(4)


@pytest.mark.slow
async def test_discord_is_away_for_a_while(world: World, discord: FakeDiscord, hub: Hub) -> None:
    root = await discord.person("alice").say(PLACE, "before")
    thread = await discord.person("alice").thread(root, "talk")
    await world.same(1)
    await discord.stop()
    await hub.post("wren", "into the void")
    await discord.person("alice").say(PLACE, "nobody hears")
    await discord.person("alice").say(thread, "nor here")
    discord.timeline.archive(thread)
    await asyncio.sleep(0.5)
    await discord.start()
    await discord.wait_for(lambda: discord.connected)
    await hub.post("wren", "back")
    await world.same(5)


async def test_connection_that_goes_silent_is_replaced_and_its_gap_filled(
    discord: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "_ANSWER_SECONDS", 0.2)
    platform = replace(discord_platform(BOT_TOKEN, api_url=discord.api_url), silence_seconds=0.3)
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "discord", PLACE)])
    await hub.start()
    try:
        world = World(discord, hub)
        await world.connected()
        await discord.person("alice").say(PLACE, "heard")
        await world.wait_hub(1)
        discord.gateway.mute()
        await discord.person("alice").say(PLACE, "unheard")
        await world.wait_hub(2)
        assert discord.gateway.opened > 1
    finally:
        await hub.stop()


def test_silence_is_noticed_within_a_minute() -> None:
    assert discord_platform(BOT_TOKEN).silence_seconds + gateway._ANSWER_SECONDS < 60


@pytest.mark.slow
async def test_first_connection_to_the_gateway_is_refused(world: World, discord: FakeDiscord, hub: Hub) -> None:
    await hub.stop()
    discord.faults.refuse_socket(times=2)
    await discord.person("alice").say(PLACE, "meanwhile")
    await hub.start()
    await discord.wait_for(lambda: discord.connected)
    await world.same(1)


async def test_hub_restarts_and_reads_up(world: World, discord: FakeDiscord, hub: Hub) -> None:
    alice = discord.person("alice")
    root = await alice.say(PLACE, "before")
    await world.same(1)
    await hub.stop()
    thread = await alice.thread(root, "talk")
    await alice.say(thread, "in the thread")
    alone = await alice.thread(PLACE, "another matter")
    await alice.say(alone, "about it")
    for number in range(120):
        await alice.say(PLACE, f"missed {number}")
    discord.timeline.archive(thread)
    await hub.start()
    await world.wait_hub(124)
    transcript = await hub.transcript()
    assert [line.text for line in transcript if line.text.startswith("missed")] == [f"missed {it}" for it in range(120)]
    assert Line("Alice", "in the thread", "before") in transcript
    assert Line("Alice", "about it", "started a thread: **another matter**") in transcript
