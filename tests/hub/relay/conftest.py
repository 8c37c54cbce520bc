"""A Slack, a hub linked to its #general, and what a test waits for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.slack.platform import slack_platform
from hub.relay.linking import ConfiguredLink
from hub.relay.outward import outlet
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Settings
from tests.hub.relay.hub import Hub
from tests.hub.relay.story import Story


@pytest.fixture
def settings() -> Settings:
    """Posts may come quicker than on the real one, and redelivery waits for no minutes."""
    return Settings(retry_delays=(0.0, 0.3, 0.6))


@pytest.fixture
async def slack(settings: Settings) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(settings) as slack:
        yield slack


@pytest.fixture
async def hub(slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """A running hub whose `general` is linked to Slack's #general."""
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.3)
    platform = slack_platform(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.1)
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "slack", "#general")])
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def story(slack: FakeSlack, hub: Hub) -> Story:
    """The two sides, once they are connected."""
    story = Story(slack, hub)
    await story.connected()
    return story
