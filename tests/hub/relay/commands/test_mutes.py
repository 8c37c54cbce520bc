"""Muting an agent in a linked channel, and who may command agents from there."""

from dataclasses import replace

from airchat.protocol.principals import Principal
from hub.relay.contract.bridge import RemoteChannel
from hub.relay.contract.inbound import User
from hub.relay.mutes import Mutes
from hub.relay.rules import Rules
from tests.hub.relay.commands.conftest import ALICE, ELSEWHERE, Counter

BOB = User("U2", "Bob")


async def named(counter: Counter, name: str) -> Principal:
    found = counter.hub.directory.principal_by_name(name)
    assert found is not None
    return found


async def test_agent_is_muted_by_somebody_with_an_account(counter: Counter) -> None:
    wren = await named(counter, "wren")
    assert (await counter.say("mute")).text == "Nobody is muted here."
    assert (await counter.say("mute @wren")).text.startswith("This needs an account on the hub")
    await counter.person("ann")
    reply = await counter.say("mute @wren")
    assert (reply.text, reply.public) == ("`ann` muted `wren` here; `/airchat unmute @wren` undoes it.", True)
    assert (await counter.say("mute @wren")).text == "`wren` was muted already."
    assert (await counter.say("mute")).text == "Muted here: `@wren`"
    mutes = counter.cases.mutes
    assert mutes.keeps(counter.link, wren.id, {})
    assert not mutes.keeps(counter.link, wren.id, {"approval_id": "1"})
    assert not mutes.keeps(counter.link, "other", {})
    assert (await counter.say("unmute @wren")).text == "`wren` is shown here again."
    assert (await counter.say("unmute @wren")).text == "`wren` was not muted."
    assert (await counter.say("mute @wren", ELSEWHERE)).text.startswith("This channel is not linked")


async def test_mutes_outlive_the_hub_and_are_known_to_others(counter: Counter) -> None:
    await counter.person("ann")
    other = Mutes(counter.hub.store, counter.hub.bus, counter.hub.directory, counter.hub.clock)
    await counter.say("mute @wren")
    wren = await named(counter, "wren")
    assert other.of(counter.link) == (wren.id,)
    later = Mutes(counter.hub.store, counter.hub.bus, counter.hub.directory, counter.hub.clock)
    await later.load([counter.link])
    assert later.of(counter.link) == (wren.id,)


async def test_only_commanders_are_heard_by_agents(counter: Counter) -> None:
    await counter.cases.links.add(
        "general", "slack", "T1", RemoteChannel("C1", "C1"), rules=Rules(commanders=("U1", "S9")), source="settings"
    )
    admin = replace(User("U3", "Eve"), roles=frozenset({"S9"}))
    refused = "You may not command agents from here: the settings of the link (`commanders`) name who may."
    assert (await counter.say("@wren hello", user=BOB)).text == refused
    assert (await counter.say("@wren hello", ELSEWHERE, user=BOB)).text == refused
    assert (await counter.say("#general hello @wren", user=BOB)).text == "Posted to `#general`."
    assert (await counter.say("@wren hello", user=admin)).text.startswith("Sent to `@wren`")
    assert (await counter.say("@wren hello", user=ALICE)).text.startswith("Sent to `@wren`")
    wren = await named(counter, "wren")
    async with counter.hub.store.read() as unit:
        assert len(await unit.inbox.pending(wren.id, 10)) == 2
