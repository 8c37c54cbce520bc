"""A post that arrives when it was made again already: it stands there once in the end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.discord.platform import discord_platform
from bridges.loopback.bridge import LoopbackBridge
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Names
from hub.relay.contract.errors import NotReady, OutcomeUnknown
from hub.relay.linking import ConfiguredLink
from hub.relay.outward import doubts, outlet
from tests.fakes.discord import BOT_TOKEN, FakeDiscord
from tests.fakes.slack import FakeSlack
from tests.hub.relay.hub import Hub
from tests.hub.relay.rooms import ROOM, Rooms, make_rooms
from tests.hub.relay.story import PLACE, Story
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(doubts, "LOOK_AFTER", (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0))
    monkeypatch.setattr(doubts, "_AGAIN_SECONDS", 0.1)


class Late(LoopbackBridge):
    """Breaks the first post off, and writes it when told to; its history is closed `shut` times after that.

    It takes nothing away the first `busy` times.
    """

    broken: outbound.Post | None = None
    shut = 0
    busy = 0

    async def post(self, post: outbound.Post, names: Names) -> str:
        if Late.broken is None:
            Late.broken = post
            raise OutcomeUnknown("the answer was lost")
        return await super().post(post, names)

    async def change(self, change: outbound.Change, names: Names) -> None:
        if isinstance(change, outbound.Delete) and Late.busy:
            Late.busy -= 1
            raise NotReady("the room is busy")
        await super().change(change, names)

    async def find_sent(self, post: outbound.Post) -> str | None:
        if Late.shut:
            Late.shut -= 1
            raise NotReady("the history is closed")
        return await super().find_sent(post)


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    Late.broken, Late.shut, Late.busy = None, 0, 0
    async with make_rooms(tmp_path, ("east",), create=lambda name, east: Late(east, name)) as rooms:
        yield rooms


def arrives(rooms: Rooms) -> None:
    """Write down what was broken off."""
    post = Late.broken
    assert post is not None
    assert post.author is not None
    rooms.platforms["east"].write(ROOM, post.author.name, post.text, token=post.token)


def taken_away(hub: Hub, platform: str) -> int:
    return hub.relay.counters.of(platform).get("taken_away_as_it_came_twice", 0)


@pytest.mark.parametrize("shut", [0, 3])
async def test_post_that_arrives_late_is_taken_away_and_the_other_one_lives(rooms: Rooms, shut: int) -> None:
    east, hub = rooms.platforms["east"], rooms.hub
    said = await hub.post("wren", "late")
    await eventually(lambda: len(east.posts) == 1)
    Late.shut = Late.busy = shut
    arrives(rooms)
    await eventually(lambda: taken_away(hub, "east") == 1)
    await hub.messages.edit(await hub.agent("wren"), said.message.id, "late but there")
    await hub.post("wren", "after it")
    await eventually(lambda: [post.text for post in east.posts] == ["late but there", "after it"])


async def test_message_that_was_deleted_meanwhile_does_not_stay_when_it_arrives(rooms: Rooms) -> None:
    east, hub = rooms.platforms["east"], rooms.hub
    said = await hub.post("wren", "late")
    await eventually(lambda: hub.relay.counters.of("east").get("sent_again") == 1)
    await hub.messages.delete(await hub.agent("wren"), said.message.id)
    await eventually(lambda: east.posts == [])
    arrives(rooms)
    await eventually(lambda: taken_away(hub, "east") == 1)
    assert east.posts == []


async def test_slack_shows_a_late_post_once(slack: FakeSlack, hub: Hub, story: Story) -> None:
    late = slack.faults.commit_late("chat.postMessage")
    await hub.post("wren", "late")
    await slack.wait_for(lambda: len(slack.transcript(PLACE)) == 1, what="the second one")
    late.release()
    assert len(slack.transcript(PLACE)) == 2
    await hub.post("wren", "after it")
    await eventually(lambda: taken_away(hub, "slack") == 1)
    await story.same(2)


async def test_discord_shows_a_late_post_once_and_leaves_those_that_say_the_same(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        platform = replace(discord_platform(BOT_TOKEN, api_url=discord.api_url), budgets={})
        hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "discord", PLACE)])
        await hub.start()
        await hub.linked()
        late = discord.faults.commit_late("POST /webhooks/*", skip=1)
        for _ in range(3):
            await hub.post("wren", "yes")
        await discord.wait_for(lambda: len(discord.transcript(PLACE)) == 3)
        late.release()
        assert len(discord.messages(PLACE)) == 4
        await eventually(lambda: taken_away(hub, "discord") == 1)
        await asyncio.sleep(1.0)  # in which another look could take away another one
        async with hub.store.read() as unit:
            [link] = await unit.relay.links()
            known = {pair.remote_id.partition("@")[0] for pair in await unit.counterparts.recent(link.id, 0, 9)}
        assert {message.id for message in discord.messages(PLACE)} == known
        assert len(known) == 3
        await hub.stop()
