"""The bridges under test, each with its platform and somebody who writes there."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.bridges.sides import LoopbackSide, Side, SlackSide
from tests.fakes.slack import FakeSlack


@pytest.fixture(params=["loopback", "slack"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """A platform with a connected bridge; once per bridge."""
    if request.param == "loopback":
        yield LoopbackSide()
        return
    async with FakeSlack() as slack:
        yield SlackSide(slack)
