"""The hub dies at every point where it could lose or double something on Discord, and is started again."""

import asyncio

import pytest

from bridges.discord.bridge import DiscordBridge
from bridges.discord.dispatches import Dispatches
from bridges.discord.history import Pages
from bridges.discord.posts import Posts
from hub.core.messages import Messages
from hub.relay.inward.arrivals import Arrivals
from hub.relay.inward.inbox import Inbox
from hub.relay.outward.outlet import Outlet
from tests.bridges.discord.world import PLACE, World
from tests.fakes.discord import FakeDiscord
from tests.hanging import hang
from tests.hub.relay.hub import Hub
from tests.waiting import SECONDS

# Where the hub stops for ever, the call before which it does so (0: the first), and what that is.
POINTS = [
    pytest.param(Dispatches, "_read", 1, id="before an event is stored"),
    pytest.param(Inbox, "accept", 1, id="while it is stored"),
    pytest.param(Messages, "post", 2, id="before a message is posted"),
    pytest.param(Arrivals, "finish", 1, id="after it is posted, before its pair is known"),
    pytest.param(DiscordBridge, "post", 1, id="after a piece is marked, before it is sent"),
    pytest.param(Posts, "_send", 1, id="before the webhook is called"),
    pytest.param(Outlet, "record", 1, id="after Discord has it, before that is recorded"),
]


pytestmark = pytest.mark.slow


async def talk(discord: FakeDiscord, hub: Hub) -> None:
    """Write three messages on each side, those of the hub all the same."""
    for number in range(3):
        await discord.person("alice").say(PLACE, f"from Discord {number}")
        await hub.post("wren", "from the hub")


@pytest.mark.parametrize(("owner", "name", "skip"), POINTS)
async def test_nothing_is_lost_or_doubled_by_a_crash(  # noqa: PLR0917 - fixtures and parameters
    world: World, discord: FakeDiscord, hub: Hub, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, skip: int
) -> None:
    root = await discord.person("bob").say(PLACE, "root")
    thread = await discord.person("bob").thread(root, "talk")
    await world.same(1)
    with monkeypatch.context() as patch:
        reached = hang(patch, owner, name, skip)
        speaking = asyncio.create_task(talk(discord, hub))
        await asyncio.wait_for(reached.wait(), SECONDS)
        await asyncio.sleep(0.1)
        await hub.stop()
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
    await discord.person("alice").say(PLACE, "while you were away")
    await discord.person("alice").say(thread, "in a thread, while you were away")
    await hub.start()
    await discord.wait_for(lambda: discord.connected)
    await hub.post("wren", "afterwards")
    people = {user.shown for user in discord.guild.users.values()}
    there = sum(line.author in people for line in world.shown())
    await world.wait_hub(there + sum(line.author == "wren" for line in await hub.transcript()))
    await world.same(len(await hub.transcript()))


async def test_crash_in_the_middle_of_reading_up(
    world: World, discord: FakeDiscord, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridges.discord.history.PAGE", 3)
    root = await discord.person("alice").say(PLACE, "root")
    thread = await discord.person("bob").thread(root, "talk")
    await world.same(1)
    await hub.stop()
    for number in range(8):
        await discord.person("alice").say(PLACE, f"main {number}")
        await discord.person("bob").say(thread, f"reply {number}")
    for owner, name, skip in ((Pages, "threads", 0), (Inbox, "save_cursor", 2), (Inbox, "store", 4)):
        with monkeypatch.context() as patch:
            reached = hang(patch, owner, name, skip)
            await hub.start()
            await asyncio.wait_for(reached.wait(), SECONDS)
            await hub.stop()
    await hub.start()
    await world.same(17)
