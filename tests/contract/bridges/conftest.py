"""The bridges under test, each with its platform and somebody who writes there."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.bridges.sides import DiscordSide, LoopbackSide, Side, SlackSide
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack


@pytest.fixture(params=["loopback", "slack", "discord"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """A platform with a connected bridge; once per bridge."""
    if request.param == "loopback":
        yield LoopbackSide()
        return
    if request.param == "slack":
        async with FakeSlack() as slack:
            yield SlackSide(slack)
        return
    async with FakeDiscord() as discord:
        yield DiscordSide(discord)
