"""A hub linked to a channel of the fake network: what one side says the other reads, once and in order."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridges.irc_network.network import Network
from bridges.irc_network.platform import irc_network_platform
from bridges.irc_network.threads import tag_of
from hub.relay.linking import ConfiguredLink
from hub.relay.links import Links
from hub.relay.outward import outlet, reactions
from store.ports.relay import Link
from tests.bridges.irc_network.world import PLACE
from tests.fakes.irc_network import FakeIrcNetwork
from tests.hub.relay.hub import Hub
from tests.waiting import eventually


@pytest.fixture
async def hub(irc: FakeIrcNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(reactions, "GATHER", 200_000)
    monkeypatch.setattr("hub.relay.supervisor.backoff", soon)
    monkeypatch.setattr("hub.relay.outward.lanes.backoff", soon)
    hub = Hub(tmp_path, [irc_network_platform(network(irc))], [ConfiguredLink("general", "irc", PLACE)])
    await hub.start()
    await hub.linked()
    yield hub
    await hub.stop()


@pytest.fixture
def slow_linking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub takes its time from being in the channel to having the link."""
    add = Links.add

    async def late(*arguments: Any, **more: Any) -> Link:
        await asyncio.sleep(0.3)
        return await add(*arguments, **more)

    monkeypatch.setattr(Links, "add", late)


def network(irc: FakeIrcNetwork) -> Network:
    return Network("irc", "127.0.0.1", irc.port, tls=False, colors=False, per_second=90.0, burst=20, edits=True)


def soon(failures: int) -> float:
    return 0.05


def shown(irc: FakeIrcNetwork) -> list[str]:
    """Who said what in the channel; of threads the tag alone."""
    found = []
    for event in irc.said(PLACE):
        text = event.params[0].replace("\u200b", "")
        relayed = re.fullmatch(r"<([^>]*)> (.*)", text)
        line = f"{relayed[1]}: {relayed[2]}" if relayed else f"{event.by}: {text}"
        found.append(re.sub(r"#\w{3} (\(re [^)]*\) )?", "# ", line))
    return found


async def here(hub: Hub) -> list[str]:
    return [f"{line.author}: {line.text}" for line in await hub.transcript()]


async def test_conversation_goes_both_ways(irc: FakeIrcNetwork, hub: Hub) -> None:
    alice = irc.person("alice")
    asked = alice.say(PLACE, "how many, @wren?")
    await eventually(lambda: _has(hub, "alice: how many, @wren?"))
    question = await hub.find("how many, @wren?")
    posted = await hub.post("wren", "**five**", parent=question)
    await eventually(lambda: shown(irc)[1:] == ["wren: # \x02five\x02"])
    assert irc.said(PLACE)[1].tags["+draft/reply"] == asked

    wren = await hub.agent("wren")
    await hub.messages.edit(wren, posted.message.id, "**six**")
    await eventually(lambda: shown(irc)[2:] == ["airchat: * wren # corrects: s/\x02five\x02/\x02six\x02/"])
    await hub.post("owl", "mine too")
    await hub.reactions.add(await hub.agent("owl"), question.id, "👍")
    await eventually(lambda: shown(irc)[4:] == ["airchat: * owl reacts 👍 to alice: how many, @wren?"])
    await hub.messages.delete(wren, posted.message.id)
    await eventually(lambda: len(shown(irc)) == 4)
    assert shown(irc)[1] == "airchat: * wren # corrects: s/\x02five\x02/\x02six\x02/"


async def test_what_cannot_be_taken_back_is_put_in_words(irc: FakeIrcNetwork, hub: Hub) -> None:
    await _posted(irc, hub, "wren", "oops")
    irc.faults.refuse_redactions = True
    await hub.messages.delete(await hub.agent("wren"), (await hub.find("oops")).id)
    await eventually(lambda: len(shown(irc)) == 2)
    assert shown(irc)[1] == "airchat: * wren takes back a message"
    async with hub.store.read() as unit:
        assert await unit.queues.dead_outgoing(10) == []


async def test_who_is_named_in_a_message_is_not_called_again_by_a_reaction_or_an_answer(
    irc: FakeIrcNetwork, hub: Hub
) -> None:
    dora = irc.person("dora")
    dora.say(PLACE, "here")
    await eventually(lambda: _has(hub, "dora: here"))
    asked = (await hub.post("wren", "@dora-irc please look")).message
    await eventually(lambda: irc.said(PLACE)[-1].params[0].endswith("dora please look"))
    await hub.reactions.add(await hub.agent("owl"), asked.id, "👍")
    await hub.post("owl", "me too", parent=asked)
    await eventually(lambda: len(irc.said(PLACE)) == 4)
    reaction, answer = (event.params[0] for event in irc.said(PLACE)[2:])
    assert "please look" in reaction
    assert "please look" in answer
    assert "dora" not in reaction + answer


async def test_words_like_the_tag_of_a_message_that_began_no_thread_are_words(irc: FakeIrcNetwork, hub: Hub) -> None:
    alice = irc.person("alice")
    said = alice.say(PLACE, "a question")
    ours = await _posted(irc, hub, "wren", "another")
    for remote_id in (said, ours):
        alice.say(PLACE, f"#{tag_of(remote_id)} is down")
    alice.say(PLACE, "last")
    await eventually(lambda: _has(hub, "alice: last"))
    told = [line.text for line in await hub.transcript() if line.author == "alice"]
    assert told == ["a question", f"#{tag_of(said)} is down", f"#{tag_of(ours)} is down", "last"]


async def test_what_is_said_once_the_link_is_there_is_carried(
    slow_linking: None, irc: FakeIrcNetwork, hub: Hub
) -> None:
    await _posted(irc, hub, "wren", "first")
    irc.person("alice").say(PLACE, "second")
    await eventually(lambda: _is(hub, ["wren: first", "alice: second"]))


async def test_edits_deletions_and_reactions_come_in(irc: FakeIrcNetwork, hub: Hub) -> None:
    alice, remote = irc.person("alice"), await _posted(irc, hub, "wren", "a plan")
    alice.say(PLACE, "see you on Monday")
    alice.say(PLACE, "s/Monday/Tuesday/")
    oops = alice.say(PLACE, "oops")
    alice.redact(PLACE, oops)
    alice.react(PLACE, remote, "🎉")
    await eventually(lambda: _is(hub, ["wren: a plan", "alice: see you on Tuesday"]))
    plan = await hub.find("a plan")
    await eventually(lambda: _reacted(hub, plan.id, "🎉"))
    assert len(irc.said(PLACE)) == 4


async def test_nothing_is_lost_or_doubled_by_cuts_and_restarts(irc: FakeIrcNetwork, hub: Hub) -> None:
    alice, said = irc.person("alice"), []
    for number in range(12):
        alice.say(PLACE, f"irc {number}")
        await hub.post("wren", f"hub {number}")
        match number % 4:
            case 0:
                irc.cut()
            case 1:
                irc.faults.cut_before_answer = 1
            case 2:
                irc.faults.cut_before_reading = 1
            case 3:
                await hub.stop()
                hub.platforms = [irc_network_platform(network(irc))]  # which remembers nothing
                await hub.start()
                alice.say(PLACE, f"while away {number}")
                said.append(f"alice: while away {number}")
        said += [f"alice: irc {number}", f"wren: hub {number}"]
    await eventually(lambda: _sorted(hub, said))
    await eventually(lambda: sorted(shown(irc)) == sorted(said))
    await asyncio.sleep(0.5)  # what would come twice, comes now
    assert sorted(await here(hub)) == sorted(shown(irc)) == sorted(said)
    for author in ("alice: irc", "wren: hub"):
        wanted = [line for line in said if line.startswith(author)]
        assert [line for line in shown(irc) if line.startswith(author)] == wanted
        assert [line for line in await here(hub) if line.startswith(author)] == wanted
    assert irc.flood_violations == 0


async def test_without_history_the_hub_says_everything_at_least_once(irc: FakeIrcNetwork, hub: Hub) -> None:
    irc.settings.capabilities = frozenset({"message-tags", "server-time"})
    irc.cut()
    said = []
    for number in range(6):
        irc.faults.cut_before_answer = number % 2
        irc.faults.cut_before_reading = int(number % 3 == 2)
        await hub.post("wren", f"hub {number}")
        said.append(f"wren: hub {number}")
    await eventually(lambda: list(dict.fromkeys(shown(irc))) == said)


async def test_network_that_is_away_is_waited_for(irc: FakeIrcNetwork, hub: Hub) -> None:
    await irc.stop()
    await hub.post("wren", "into the dark")
    await asyncio.sleep(0.3)
    await irc.start()
    await eventually(lambda: shown(irc) == ["wren: into the dark"])


async def _has(hub: Hub, line: str) -> bool:
    return line in await here(hub)


async def _is(hub: Hub, lines: list[str]) -> bool:
    return await here(hub) == lines


async def _sorted(hub: Hub, lines: list[str]) -> bool:
    return sorted(await here(hub)) == sorted(lines)


async def _reacted(hub: Hub, message_id: str, emoji: str) -> bool:
    async with hub.store.read() as unit:
        return [it.emoji for it in await unit.messages.reactions([message_id])] == [emoji]


async def _posted(irc: FakeIrcNetwork, hub: Hub, author: str, text: str) -> str:
    await hub.post(author, text)
    await eventually(lambda: shown(irc)[-1:] == [f"{author}: {text}"])
    return irc.said(PLACE)[-1].msgid


async def test_people_answer_in_a_thread_by_its_tag_after_a_restart_too(irc: FakeIrcNetwork, hub: Hub) -> None:
    alice = irc.person("alice")
    asked = alice.say(PLACE, "a question")
    await eventually(lambda: _has(hub, "alice: a question"))
    question = await hub.find("a question")
    await hub.post("wren", "an answer", parent=question)
    await eventually(lambda: len(irc.said(PLACE)) == 2)
    alice.say(PLACE, f"#{tag_of(asked)}: thanks")
    await eventually(lambda: _has(hub, "alice: thanks"))
    await hub.restart()
    await eventually(lambda: bool(irc.clients))
    number = 0

    async def answered() -> bool:  # what the network tells of threads is known soon, and words until then
        nonlocal number
        number += 1
        alice.say(PLACE, f"#{tag_of(asked)}: again {number}")
        await asyncio.sleep(0.2)
        return any(line.text.startswith("again") for line in await hub.transcript())

    await eventually(answered)
    lines = await hub.transcript()
    assert {line.thread for line in lines if line.text.startswith(("thanks", "again"))} == {"a question"}
