"""Much talk while everything breaks: at rest each platform reads as the hub does. `tests.bench` has the large form."""

from pathlib import Path

import pytest

from tests.e2e.bridges.storm import Storm
from tests.e2e.bridges.world import world

pytestmark = pytest.mark.timeout(300)


async def test_storm_loses_and_doubles_nothing(tmp_path: Path) -> None:
    storm = Storm(channels=2, each=6, seconds=12.0, patience=120.0, refusals=4)
    async with world(tmp_path, storm.links) as it:
        outcome = await storm.rage(it)
        assert outcome.differences == [], it.hub.log[-10_000:]
        assert outcome.broken_limits == []
        await it.stop()
