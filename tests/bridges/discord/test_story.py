"""A real hub and people in Discord: one asks an agent by a command, another lets it go on, a third may not."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.approvals import ApprovalState
from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal, Role
from hub.app import Hub, running_hub
from hub.settings import Settings as HubSettings
from tests.bridges.discord.world import PLACE
from tests.fakes.discord import BOT_TOKEN, FakeDiscord
from tests.fakes.discord.people import buttons
from tests.waiting import SECONDS


@pytest.fixture
async def hub(discord: FakeDiscord, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub whose `general` is linked to #general."""
    settings = HubSettings.model_validate({
        "hub": {"state_dir": str(tmp_path / "state")},
        "http": {"enabled": False},
        "irc": {"enabled": False},
        "discord": {"token": BOT_TOKEN, "api_url": discord.api_url},
        "links": [{"channel": "general", "platform": "discord", "remote": PLACE}],
    })  # fmt: skip
    async with running_hub(settings) as hub:
        await discord.wait_for(lambda: discord.connected and discord.app.commands)
        yield hub


async def wait_for_message(hub: Hub, text: str) -> Message:
    channel = hub.cases.directory.channel_by_name("general")
    assert channel is not None
    deadline = time.monotonic() + SECONDS
    while True:
        async with hub.store.read() as unit:
            found = [it for it in await unit.messages.page(channel.id, 100) if it.content == text]
        if found:
            return found[0]
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def wren(hub: Hub) -> Principal:
    return (await hub.cases.agents.add(hub.actor, "wren")).principal


async def linked(hub: Hub, discord: FakeDiscord) -> None:
    """Let alice be olga, an admin."""
    await hub.cases.people.create(hub.actor, "olga", role=Role.ADMIN)
    code = await hub.cases.link_codes.create(hub.actor, "olga")
    done = await discord.person("alice").command(PLACE, "airchat", text=f"link {code}")
    assert "olga" in done.text


async def test_agent_that_is_asked_by_a_command_answers_in_a_thread(hub: Hub, discord: FakeDiscord) -> None:
    agent, alice = await wren(hub), discord.person("alice")
    suggested = await alice.autocomplete(PLACE, "ask", "agent", agent="wr", text="")
    assert [it["value"] for it in suggested.choices] == ["wren"]
    done = await alice.command(PLACE, "ask", agent="wren", text="run the *tests*")
    question = await wait_for_message(hub, "@wren run the *tests*")
    assert done.text.startswith("Sent")
    await hub.cases.messages.post(agent, "general", "all `green`", parent_id=question.id)
    await discord.wait_for(lambda: len(discord.transcript(PLACE)) == 2)
    asked, answer = discord.transcript(PLACE)
    assert (asked.author, asked.text) == ("Alice", "@\u200bwren run the *tests*")
    assert (answer.author, answer.text, answer.thread) == ("wren", "all `green`", asked.text)
    thread = discord.guild.channels[discord.find(PLACE, "all `green`").channel_id]
    await discord.person("bob").say(thread, "thanks")
    assert (await wait_for_message(hub, "thanks")).parent_id == question.id
    assert discord.violations == {}


async def test_button_counts_when_a_named_person_presses_it_and_else_is_logged(hub: Hub, discord: FakeDiscord) -> None:
    agent, alice, bob = await wren(hub), discord.person("alice"), discord.person("bob")
    await linked(hub, discord)
    asked = await hub.cases.approvals.request(agent, "general", "Bash", "make deploy", approvers=["olga"])
    await discord.wait_for(lambda: len(discord.messages(PLACE)) == 1)
    [question] = discord.messages(PLACE)
    approve = next(it["custom_id"] for it in buttons(question.components) if it["label"] == "Approve")
    assert asked.approval.id in approve

    refused = await bob.press(question, approve)
    assert refused.text.startswith("Only people with an account on the hub can answer")
    assert (await hub.cases.approvals.get(hub.actor, asked.approval.id)).approval.state is ApprovalState.PENDING
    logged = [it.action for it in await hub.cases.audit.page(hub.actor) if it.action == "approval.refused"]
    assert logged == ["approval.refused"]

    await alice.press(question, approve)
    ended = (await hub.cases.approvals.get(hub.actor, asked.approval.id)).approval
    assert ended.state is ApprovalState.APPROVED
    await discord.wait_for(lambda: not list(buttons(question.components)))
    await discord.wait_for(lambda: [it.author for it in discord.transcript(PLACE)] == ["wren", "olga"])
    assert discord.violations == {}


async def test_message_is_sent_to_an_agent_from_its_menu(hub: Hub, discord: FakeDiscord) -> None:
    await wren(hub)
    hub.cases.presence.touch(next(it for it in hub.cases.directory.principals() if it.name == "wren"))
    alice = discord.person("alice")
    said = await alice.say(PLACE, "the build is red")
    root = await wait_for_message(hub, "the build is red")
    shown = await alice.menu(said, "Send to agent")
    await alice.submit(shown, {"to": "@wren", "text": "look at it"})
    assert (await wait_for_message(hub, "@wren look at it")).parent_id == root.id
