"""One hub with everything linked, and the story played once for all cells."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from airchat.protocol.ids import new_id
from airchat.protocol.principals import Kind, Principal, Role
from bridges.discord.platform import BUDGETS, discord_platform
from bridges.irc_network.network import Network as NetworkSettings
from bridges.irc_network.platform import irc_network_platform
from bridges.slack.platform import slack_platform
from hub.app import Hub, running_hub
from hub.core.clock import system_clock
from hub.relay.contract.platform import Budget, Call, Platform
from hub.relay.outward import reactions
from hub.sections import LinkSection
from store.ports.unit import Unit
from tests.bridges.irc.server import IrcHub
from tests.fakes.discord import BOT_TOKEN as DISCORD_TOKEN
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.settings import Settings as DiscordSettings
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.hub.api.site import settings_for
from tests.stories.parity.places import CHANNEL, ROOM, Agent, Discord, IrcClient, Network, Slack
from tests.stories.parity.story import Story
from tests.stories.parity.table import AGENT, CLIENT, DISCORD, NETWORK, SLACK

PLATFORMS = ("slack", "discord", "irc")
OFTEN = (1_000, 1.0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """The story, played to its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reactions, "GATHER", 500_000)
        patch.setitem(BUDGETS, Call.POST, Budget())
        async with AsyncExitStack() as stack:
            made = await _made(stack, tmp_path_factory.mktemp("parity"))
            await made.play()
            yield made


async def _made(stack: AsyncExitStack, folder: Path) -> Story:
    slack = await stack.enter_async_context(FakeSlack())
    often = DiscordSettings(webhook_rate=OFTEN, channel_rate=OFTEN, post_rate=OFTEN, reaction_rate=OFTEN)
    discord = await stack.enter_async_context(FakeDiscord(often))
    network = await stack.enter_async_context(FakeIrcNetwork())
    hub = await stack.enter_async_context(_hub(folder, slack, discord, network))
    client = await IrcHub(hub, stack).client("carl", *IrcClient.CAPABILITIES)
    await client.join(ROOM)
    wren, otter = await _agent(hub, "wren"), await _agent(hub, "otter")
    await slack.wait_for(lambda: len(slack.sockets.open) == 2, what="Slack's sockets")
    await discord.wait_for(lambda: discord.connected, what="Discord's gateway")
    await network.wait_for(lambda: len(hub.relay.links.all()) == len(PLATFORMS))
    return Story(
        {
            SLACK: Slack(slack),
            DISCORD: Discord(discord),
            NETWORK: Network(network),
            CLIENT: IrcClient(client),
            AGENT: Agent(hub, wren, otter),
        }
    )


def _hub(
    folder: Path, slack: FakeSlack, discord: FakeDiscord, network: FakeIrcNetwork
) -> AbstractAsyncContextManager[Hub]:
    settings = settings_for(
        folder,
        hub={"default_channels": (CHANNEL,), "public_url": "https://hub.example"},
        http={"enabled": False},
        irc={"enabled": True, "port": 0, "guests": "member", "nicks": "free", "limits": "none"},
    )
    links = tuple(LinkSection(channel=CHANNEL, platform=name, remote=ROOM) for name in PLATFORMS)
    away = NetworkSettings(
        "irc", "127.0.0.1", network.port, tls=False, colors=False, per_second=90.0, burst=40, edits=True,
        web_url="https://hub.example",
    )  # fmt: skip
    platforms = (
        slack_platform(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.5),
        discord_platform(DISCORD_TOKEN, api_url=discord.api_url),
        irc_network_platform(away),
    )
    return running_hub(settings.model_copy(update={"links": links}), platforms=[_hasty(one) for one in platforms])


def _hasty(platform: Platform) -> Platform:
    """Return a platform without budgets: the fakes of this story only count."""
    return replace(platform, budgets={})


async def _agent(hub: Hub, name: str) -> Principal:
    made = Principal(new_id(system_clock()), Kind.AGENT, name, Role.MEMBER, system_clock())

    async def save(unit: Unit) -> None:
        await unit.principals.save(made)
        await unit.agents.save(made.id, None, None, None)

    await hub.store.write(save)
    await hub.cases.directory.load()
    return made
