"""Patience: what a platform asked for holds over an end of the hub, for the calls that it asked it of."""

import asyncio
import time
from pathlib import Path

import pytest

from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from bridges.slack import pages
from hub.relay.contract.errors import NotReady, SlowDown
from hub.relay.contract.platform import Platform
from hub.relay.linking import ConfiguredLink
from tests.fakes.slack import FakeSlack
from tests.hub.relay.hub import Hub
from tests.hub.relay.story import PLACE, Story
from tests.waiting import eventually

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kill", [False, True], ids=["goes on", "is started again"])
async def test_platform_that_asked_for_patience_is_left_alone_so_long(
    story: Story, slack: FakeSlack, hub: Hub, kill: bool
) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=3)
    await hub.post("wren", "too soon")
    await slack.wait_for(lambda: slack.faults.fired, what="a refusal")
    told = time.monotonic()
    if kill:
        await asyncio.sleep(0.3)  # in which it is noted
        await hub.restart()
    await story.same(1)
    assert time.monotonic() - told >= 2.9
    assert slack.limits.broken == []


@pytest.mark.parametrize("seconds", [3, 25], ids=["now and then", "once a minute"])
async def test_history_is_not_asked_for_before_its_time_by_the_next_start(
    story: Story, slack: FakeSlack, hub: Hub, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr(pages, "_SLOW_SECONDS", 0.1)
    await hub.stop()
    await slack.person("alice").say(PLACE, "while you were away")
    slack.faults.rate_limit("conversations.history", retry_after=seconds)
    await hub.start()
    await slack.wait_for(lambda: slack.faults.fired, what="a refusal")
    await asyncio.sleep(0.3)  # in which it is noted
    await hub.restart()
    if seconds < 5:
        await story.same(1)
    else:
        await asyncio.sleep(1.0)
        assert hub.relay.health()[0].state == "running"
        assert [it.outcome for it in slack.calls("conversations.history")][-1] == "ratelimited"
    assert slack.limits.broken == []


async def test_kind_of_call_that_is_closed_everywhere_is_closed_in_every_lane(
    slack: FakeSlack, hub: Hub, story: Story
) -> None:
    slack.create_channel("#other")
    await hub.stop()
    hub.links = [*hub.links, ConfiguredLink("other", "slack", "#other")]
    await hub.start()
    await hub.linked()
    first, second = await hub.post("wren", "here"), await hub.post("wren", "there", channel="other")
    await slack.wait_for(lambda: _shown(slack) == ["here", "there"], what="both")
    slack.faults.rate_limit("chat.update", retry_after=2)
    wren = await hub.agent("wren")
    await hub.messages.edit(wren, first.message.id, "here now")
    await slack.wait_for(lambda: slack.faults.fired, what="a refusal")
    await asyncio.sleep(0.3)
    await hub.restart()
    await hub.messages.edit(wren, second.message.id, "there now")
    await slack.wait_for(lambda: _shown(slack) == ["here now", "there now"], what="both edits")
    assert slack.limits.broken == []


async def test_platform_that_takes_no_connection_for_a_while_is_left_alone_by_the_next_start_too(
    tmp_path: Path,
) -> None:
    made: list[float] = []

    class Full(LoopbackBridge):
        async def connect(self) -> None:
            made.append(time.monotonic())
            if len(made) == 1:
                raise SlowDown("too many connections", 1.5)
            await super().connect()

    rooms = LoopbackPlatform()
    platform = Platform("loopback", lambda: Full(rooms))
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "loopback", "lobby")])
    await hub.start()
    await eventually(lambda: bool(made))
    await eventually(lambda: [it.state for it in hub.relay.health()] == ["waiting"])
    await hub.restart()
    await hub.linked()
    await hub.stop()
    assert len(made) == 2
    assert made[1] - made[0] >= 1.5


async def test_what_has_to_wait_for_another_reason_is_tried_at_once_by_the_next_start(tmp_path: Path) -> None:
    made: list[float] = []

    class Away(LoopbackBridge):
        async def connect(self) -> None:
            made.append(time.monotonic())
            if len(made) == 1:
                raise NotReady("the room is locked", 3600)
            await super().connect()

    hub = Hub(tmp_path, [Platform("loopback", lambda: Away(LoopbackPlatform()))], [])
    await hub.start()
    await eventually(lambda: bool(made))
    await hub.restart()
    await eventually(lambda: len(made) == 2)
    await hub.stop()


def _shown(slack: FakeSlack) -> list[str]:
    return [line.text for place in (PLACE, "#other") for line in slack.transcript(place)]
