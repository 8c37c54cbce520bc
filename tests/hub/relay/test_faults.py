"""Slack misbehaves in every way it is known to: both sides still end up the same."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.slack import hearing, pages
from bridges.slack.platform import slack_platform
from hub.relay.linking import ConfiguredLink
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Settings
from tests.fakes.slack.faults import Faults
from tests.hub.relay.hub import Hub
from tests.hub.relay.story import PLACE, Story
from tests.waiting import eventually

POST = "chat.postMessage"


def lose_and_limit(faults: Faults) -> None:
    faults.lose_response(POST)
    faults.rate_limit("conversations.*")


FAULTS: dict[str, Callable[[Faults], None]] = {
    "answers get lost": lambda faults: faults.lose_response(POST, times=2),
    "errors after storing": lambda faults: faults.fail_after(POST, times=2),
    "errors before storing": lambda faults: faults.fail_before(POST, times=2),
    "asked to slow down": lambda faults: faults.rate_limit(POST, times=2),
    "the echo comes first": lambda faults: faults.echo_first(times=3),
    "events come twice": lambda faults: faults.duplicate(times=4),
    "events come twice, flagged": lambda faults: faults.duplicate(times=4, retry_flag=True),
    "events come twice, in one envelope": lambda faults: faults.duplicate(times=4, same_envelope=True),
    "acknowledgements get lost": lambda faults: faults.ignore_ack(times=2),
    "users are not told": lambda faults: faults.fail_before("users.info", times=1),
    "users are limited": lambda faults: faults.rate_limit("users.info", times=1),
    "looking for what was lost is limited": lose_and_limit,
}


@pytest.fixture
def settings() -> Settings:
    return Settings(ack_window=0.5, retry_delays=(0.0, 0.3, 0.6))


@pytest.mark.parametrize("fault", FAULTS)
async def test_transcripts_are_the_same_after(story: Story, slack: FakeSlack, hub: Hub, fault: str) -> None:
    FAULTS[fault](slack.faults)
    for number in range(2):
        said = await slack.person("alice").say(PLACE, f"Slack {number}")
        await hub.post("wren", f"hub {number}")
    await slack.person("bob").say(PLACE, "reply", thread=said)
    await slack.settled()
    await story.same(5)
    assert slack.faults.fired


async def test_sockets_are_cut(story: Story, slack: FakeSlack, hub: Hub) -> None:
    for number in range(3):
        slack.sockets.cut()
        await slack.person("alice").say(PLACE, f"Slack {number}")
        await hub.post("wren", f"hub {number}")
        await asyncio.sleep(0.2)
    await story.same(6)


async def test_sockets_are_refreshed_and_events_go_on(story: Story, slack: FakeSlack, hub: Hub) -> None:
    for number in range(2):
        slack.sockets.disconnect("refresh_requested")
        await slack.person("alice").say(PLACE, f"Slack {number}")
        await slack.wait_for(lambda count=2 * (number + 2): slack.sockets.opened >= count)  # type: ignore[misc]
    await story.same(2)


async def test_refresh_whose_new_connection_fails(story: Story, slack: FakeSlack, hub: Hub) -> None:
    slack.settings.refresh_grace = 0.1
    slack.faults.fail_before("apps.connections.open", times=3)
    slack.sockets.disconnect("refresh_requested")
    await slack.wait_for(lambda: len(slack.faults.fired) == 3)
    await slack.person("alice").say(PLACE, "typed meanwhile")
    await slack.wait_for(lambda: len(slack.sockets.open) == 2)
    await slack.person("alice").say(PLACE, "typed afterwards")
    await story.same(2)


async def test_slack_is_away_for_a_while(story: Story, slack: FakeSlack, hub: Hub) -> None:
    root = await slack.person("alice").say(PLACE, "before")
    await story.same(1)
    await slack.stop()
    await hub.post("wren", "into the void")
    await slack.person("alice").say(PLACE, "nobody hears", thread=root)
    await asyncio.sleep(1)
    await slack.start()
    await story.connected()
    await hub.post("wren", "back")
    await story.same(4)


async def test_echo_of_another_bot_is_a_message(story: Story, slack: FakeSlack, hub: Hub) -> None:
    await slack.person("alice").say(PLACE, "from a robot", subtype="bot_message")
    await story.wait_hub(1)


async def test_channel_that_threw_the_app_out_waits(story: Story, slack: FakeSlack, hub: Hub) -> None:
    slack.faults.refuse(POST, "not_in_channel", times=1_000)
    await hub.post("wren", "patience")
    await slack.wait_for(lambda: slack.calls(POST))
    [link] = hub.relay.links.all()

    async def put_off() -> bool:
        async with hub.store.read() as unit:
            [due] = await unit.queues.due(link.id, 10)
            assert await unit.queues.dead_outgoing(10) == []
        return (due.state, due.content) == ("pending", "") and due.attempts > 0

    await eventually(put_off)


async def test_deaf_sockets_are_replaced_and_what_they_missed_is_read(
    slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_ON_ITS_WAY_SECONDS", 0.2)
    monkeypatch.setattr(pages, "_PER_SECOND", 100.0)
    platform = slack_platform(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.5)
    quickly = replace(platform, silence_seconds=0.3)
    hub = Hub(tmp_path, [quickly], [ConfiguredLink("general", "slack", "#general")])
    await hub.start()
    story = Story(slack, hub)
    await story.connected()
    await slack.person("alice").say(PLACE, "heard")
    await story.wait_hub(1)
    slack.sockets.mute()  # still open, still answering pings
    await slack.person("alice").say(PLACE, "into deaf ears")
    await story.wait_hub(2)
    assert slack.sockets.opened >= 4
    await slack.person("alice").say(PLACE, "heard again")
    await story.same(3)
    await hub.stop()
