"""Topics that changed while the hub was away from the network, or the network from the hub: the later change counts."""

import dataclasses

import pytest

from tests.bridges.irc_network.test_hub import hub
from tests.bridges.irc_network.world import PLACE
from tests.fakes.irc_network import FakeIrcNetwork, Settings
from tests.fakes.irc_network.settings import CAPABILITIES
from tests.hub.relay.hub import Hub
from tests.waiting import eventually

__all__ = ["hub"]

SECOND = 1_000_000


@pytest.fixture(params=[True, False], ids=["history", "no history"])
def settings(request: pytest.FixtureRequest) -> Settings:
    kept = CAPABILITIES if request.param else CAPABILITIES - {"draft/chathistory", "draft/event-playback"}
    return Settings(capabilities=kept)


async def agreed(irc: FakeIrcNetwork, hub: Hub, topic: str, by: str) -> None:
    """Wait until both sides have the topic, and who set it last."""

    async def same() -> bool:
        channel = await hub.directory.find_channel("general")
        assert channel is not None
        return (irc.network.channel(PLACE).topic, channel.topic, channel.topic_by) == (topic, topic, by)

    await eventually(same)


async def set_here(hub: Hub, topic: str) -> None:
    wren = await hub.agent("wren")
    await hub.channels.join(wren, "general")
    await hub.channels.update(wren, "general", topic=topic)


def set_there(irc: FakeIrcNetwork, topic: str, after: int) -> None:
    """Let alice set the topic so many seconds after now."""
    event = irc.network.event("alice", "TOPIC", PLACE, topic)
    irc.network.set_topic(dataclasses.replace(event, at=event.at + after * SECOND))


async def test_topic_set_while_the_hub_was_away_is_taken_over(irc: FakeIrcNetwork, hub: Hub) -> None:
    await set_here(hub, "plans")
    await agreed(irc, hub, "plans", "wren")
    await hub.stop()
    irc.person("alice").set_topic(PLACE, "\x02lunch\x02 at *one*")
    irc.network.channel(PLACE).topic_at += SECOND  # which are told in whole ones
    await hub.start()

    async def taken() -> bool:
        channel = await hub.directory.find_channel("general")
        return channel is not None and (channel.topic, channel.topic_by) == ("lunch at *one*", "alice")

    await eventually(taken)


@pytest.mark.parametrize("later", ["here", "there"])
async def test_of_changes_on_both_sides_the_later_one_stands(irc: FakeIrcNetwork, hub: Hub, later: str) -> None:
    irc.person("alice").set_topic(PLACE, "before")
    await agreed(irc, hub, "before", "alice")
    await irc.stop()
    set_there(irc, "there", 5 if later == "there" else -5)
    await set_here(hub, "here")
    await irc.start()
    await agreed(irc, hub, later, "alice" if later == "there" else "wren")


async def test_topic_that_the_network_refused_is_not_undone_by_coming_back(irc: FakeIrcNetwork, hub: Hub) -> None:
    irc.person("alice").set_topic(PLACE, "before")
    await agreed(irc, hub, "before", "alice")
    irc.network.channel(PLACE).topic_locked = True
    await set_here(hub, "ours")
    await eventually(lambda: any("sets the topic: ours" in it.params[0] for it in irc.said(PLACE)))
    wren = await hub.agent("wren")
    await hub.channels.update(wren, "general", description="what we do here")
    await hub.restart()
    await eventually(lambda: irc.network.channel(PLACE).receivers)
    irc.person("alice").say(PLACE, "hello")
    await eventually(lambda: _is_said(hub))
    channel = await hub.directory.find_channel("general")
    assert channel is not None
    assert (channel.topic, irc.network.channel(PLACE).topic) == ("ours", "before")
    assert sum("topic" in it.params[0] for it in irc.said(PLACE)) == 1, "it is told once"


async def _is_said(hub: Hub) -> bool:
    return any(line.text == "hello" for line in await hub.transcript())
