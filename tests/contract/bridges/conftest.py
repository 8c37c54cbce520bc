"""The bridges under test, each with its platform and somebody who writes there."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.bridges.sides import DiscordSide, IrcNetworkSide, LoopbackSide, Side, SlackSide
from tests.fakes.discord import FakeDiscord
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import FakeSlack


@pytest.fixture(params=["loopback", "slack", "discord", "irc_network"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """A platform with a connected bridge; once per bridge."""
    if request.param == "loopback":
        yield LoopbackSide()
        return
    if request.param == "slack":
        async with FakeSlack() as slack:
            yield SlackSide(slack)
        return
    if request.param == "irc_network":
        async with FakeIrcNetwork() as network:
            there = IrcNetworkSide(network)
            yield there
            await there.close()
        return
    async with FakeDiscord() as discord:
        yield DiscordSide(discord)
