"""An agent and another app in Slack that answer each other: the app is no person, so the guards stop the agent."""

import asyncio
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.platform import slack_platform
from hub.core.budgets import Rules
from hub.core.clock import system_clock
from hub.core.inbox import Inbox
from hub.core.system import SYSTEM, system_principal
from hub.relay.linking import ConfiguredLink
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Settings
from tests.hub.relay.hub import Hub
from tests.waiting import eventually

STREAK = 2
GUARDS = Rules(streak=STREAK, hops=0, pair_per_minute=0, pair_per_hour=0, budgets={})


async def agent_answers(hub: Hub) -> None:
    """Answer whatever wren hears, for ever."""
    inbox, wren = Inbox(hub.store, system_clock, hub.directory), await hub.agent("wren")
    while True:
        taken = await inbox.take(wren)
        await inbox.ack(wren, [each.item.id for each in taken])
        for _ in taken:
            await hub.post("wren", "and you?")
        await asyncio.sleep(0.02)


async def app_answers(slack: FakeSlack, token: str) -> None:
    """Answer whatever wren says in Slack, for ever, under a name of the app's own."""
    web, answered = AsyncWebClient(token=token, base_url=slack.api_url), 0
    while True:
        said = [line for line in slack.transcript("#general") if line.author == "wren"]
        for _ in said[answered:]:
            await web.chat_postMessage(channel="#general", text="@wren and you?", username="finch")
        answered = len(said)
        await asyncio.sleep(0.02)


@pytest.fixture
def settings() -> Settings:
    return Settings(post_burst=100)


async def test_agent_and_app_that_answer_each_other_come_to_an_end(slack: FakeSlack, tmp_path: Path) -> None:
    other = slack.install("other", "xoxb-other", "xapp-other")
    other.events.clear()
    await slack.person("alice").invite(other, "#general")
    platform = slack_platform(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.2)
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "slack", "#general")], GUARDS)
    await hub.start()
    await system_principal(hub.store, system_clock, SYSTEM)
    await hub.directory.load()
    tasks = [asyncio.create_task(agent_answers(hub)), asyncio.create_task(app_answers(slack, "xoxb-other"))]

    async def held_back() -> bool:
        return any(message.metadata.get("guard") == "streak" for message in await hub.written())

    try:
        await eventually(lambda: hub.relay.health()[0].state == "running")
        await hub.linked()
        await slack.person("alice").say("#general", "@wren hello")
        await eventually(held_back)
        said = [message.content for message in await hub.written() if message.author_name == "wren"]
        assert len(said) == STREAK  # to alice, and to the app once; what the app said to that is not heard any more
        finch = await hub.directory.find_principal("finch-slack")
        assert finch is not None
        assert finch.bot
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await hub.stop()
