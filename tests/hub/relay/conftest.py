"""A Slack, a hub linked to its #general, and what a test waits for."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.slack import pages
from bridges.slack.platform import slack_platform
from hub.relay.contract.platform import Budget
from hub.relay.linking import ConfiguredLink
from hub.relay.outward import outlet
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Settings
from tests.fakes.slack.limits import HISTORY
from tests.hub.relay.hub import Hub
from tests.hub.relay.story import Story

FASTER = 20.0
"""How many times faster than on the real one everything may be done."""

TIER_3 = 50
"""Calls a minute."""


@pytest.fixture
def settings() -> Settings:
    """Redelivery waits for no minutes."""
    return Settings(retry_delays=(0.0, 0.3, 0.6))


def sped_up(budget: Budget) -> Budget:
    """Return a budget that is filled as much faster as the fake's limits are."""
    channel, everywhere = budget.channel, budget.everywhere
    return Budget(
        channel and replace(channel, per_second=FASTER * channel.per_second),
        everywhere and replace(everywhere, per_second=FASTER * everywhere.per_second),
    )


@pytest.fixture
async def slack(settings: Settings) -> AsyncIterator[FakeSlack]:
    settings.post_rate *= FASTER
    async with FakeSlack(settings) as slack:
        slack.limits.per_minute.update(dict.fromkeys(HISTORY, round(FASTER * TIER_3)))
        yield slack


@pytest.fixture
async def hub(slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """A running hub whose `general` is linked to Slack's #general."""
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.3)
    monkeypatch.setattr(pages, "_PER_SECOND", FASTER * pages._PER_SECOND)
    platform = slack_platform(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.5)
    budgets = {call: sped_up(budget) for call, budget in platform.budgets.items()}
    links = [ConfiguredLink("general", "slack", "#general")]
    hub = Hub(tmp_path, [replace(platform, budgets=budgets)], links)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def story(slack: FakeSlack, hub: Hub) -> Story:
    """The two sides, once they are connected."""
    story = Story(slack, hub)
    await story.connected()
    return story
