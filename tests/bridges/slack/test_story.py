"""A real hub and a person in Slack: she asks an agent by a command, it answers in the thread and asks to be let."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airchat.protocol.approvals import ApprovalState
from airchat.protocol.messages import UNFINISHED, Message
from airchat.protocol.principals import Principal, Role
from hub.app import Hub, running_hub
from hub.settings import Settings as HubSettings
from tests.bridges.slack.conftest import PLACE
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.waiting import SECONDS


@pytest.fixture
def streaming() -> bool:
    return True


@pytest.fixture
async def hub(slack: FakeSlack, tmp_path: Path, *, streaming: bool) -> AsyncIterator[Hub]:
    """A hub whose `general` is linked to #general."""
    settings = HubSettings.model_validate({
        "hub": {"state_dir": str(tmp_path / "state")},
        "http": {"enabled": False},
        "irc": {"enabled": False},
        "slack": {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": slack.api_url, "streaming": streaming},
        "links": [{"channel": "general", "platform": "slack", "remote": PLACE}],
    })  # fmt: skip
    async with running_hub(settings) as hub:
        await slack.wait_for(lambda: len(slack.sockets.open) == 2)
        yield hub


async def written(hub: Hub) -> list[Message]:
    channel = hub.cases.directory.channel_by_name("general")
    assert channel is not None
    async with hub.store.read() as unit:
        return await unit.messages.page(channel.id, 100)


async def wait_for_message(hub: Hub, text: str) -> Message:
    deadline = time.monotonic() + SECONDS
    while True:
        found = [it for it in await written(hub) if it.content == text]
        if found:
            return found[0]
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def wren(hub: Hub) -> Principal:
    return (await hub.cases.agents.add(hub.actor, "wren")).principal


async def test_agent_that_is_asked_by_a_command_answers_in_the_thread(hub: Hub, slack: FakeSlack) -> None:
    agent, alice = await wren(hub), slack.person("alice")
    await alice.command(PLACE, "/airchat", "@wren run the *tests*")
    question = await wait_for_message(hub, "@wren run the **tests**")
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 1)
    [item] = await hub.cases.inbox.take(agent)
    await slack.wait_for(lambda: [it.text for it in slack.statuses] == ["is working…"])
    await hub.cases.messages.post(agent, "general", "all `green`", parent_id=question.id)
    await hub.cases.inbox.ack(agent, [item.item.id])
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 2)
    asked, answer = slack.messages(PLACE)
    assert asked.username == "Alice"
    assert asked.text == "@\u200bwren run the *tests*"
    assert (answer.username, answer.text, answer.thread_ts) == ("wren", "all `green`", asked.ts)
    assert [it.text.partition(" ")[0] for it in slack.ephemerals] == ["Sent"]
    await slack.wait_for(lambda: len(slack.statuses) == 2)
    assert [(it.thread, it.name, it.text) for it in slack.statuses] == [
        (asked.ts, "wren", "is working…"),
        (asked.ts, "wren", ""),
    ]
    await slack.person("bob").say(PLACE, "thanks", thread=asked)
    thanks = await wait_for_message(hub, "thanks")
    assert thanks.parent_id == question.id
    assert slack.violations == {}


@pytest.mark.parametrize(("streaming", "refused"), [(True, False), (True, True), (False, False)])
async def test_answer_is_shown_as_being_written_unless_that_is_turned_off_or_refused(
    hub: Hub, slack: FakeSlack, *, streaming: bool, refused: bool
) -> None:
    if refused:
        slack.faults.refuse("chat.startStream", "channel_type_not_supported")
    agent = await wren(hub)
    await slack.person("alice").say(PLACE, "@wren what is new?")
    question = await wait_for_message(hub, "@wren what is new?")
    post, edit = hub.cases.messages.post, hub.cases.messages.edit
    told = await post(agent, "general", "reading", parent_id=question.id, metadata={UNFINISHED: True})
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 2)
    answer = slack.messages(PLACE)[1]
    shown = streaming and not refused
    assert answer.streaming is shown
    await edit(agent, told.message.id, content="writing", unfinished=True)
    await slack.wait_for(lambda: "writing" in str(answer.blocks) + answer.text)
    assert answer.streaming is shown
    await edit(agent, told.message.id, content="*nothing*")
    await slack.wait_for(lambda: "_nothing_" in answer.shown)
    assert (answer.unfinished, answer.username, answer.thread_ts) == (False, "wren", slack.messages(PLACE)[0].ts)
    await slack.settled()
    assert len(slack.messages(PLACE)) == len(await written(hub)) == 2
    calls = [len(slack.calls(f"chat.{it}Stream")) for it in ("start", "append", "stop")]
    assert calls == [int(streaming), int(shown), int(shown)]
    assert slack.violations == {}


async def test_button_counts_when_a_named_person_presses_it_and_else_is_logged(hub: Hub, slack: FakeSlack) -> None:
    agent, alice, bob = await wren(hub), slack.person("alice"), slack.person("bob")
    await hub.cases.people.create(hub.actor, "olga", role=Role.ADMIN)
    await alice.command(PLACE, "/airchat", f"link {await hub.cases.link_codes.create(hub.actor, 'olga')}")
    asked = await hub.cases.approvals.request(agent, "general", "Bash", "make deploy", approvers=["olga"])
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 1)
    [question] = slack.messages(PLACE)
    approve = question.blocks[-1]["elements"][0]["action_id"]

    await bob.press(question, approve)
    await slack.wait_for(lambda: len(slack.ephemerals) == 2)
    assert slack.ephemerals[1].text.startswith("Only people with an account on the hub can answer")
    state = (await hub.cases.approvals.get(hub.actor, asked.approval.id)).approval.state
    assert state is ApprovalState.PENDING
    refused = [it.action for it in await hub.cases.audit.page(hub.actor) if it.action == "approval.refused"]
    assert refused == ["approval.refused"]

    await alice.press(question, approve)
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 2)
    ended = (await hub.cases.approvals.get(hub.actor, asked.approval.id)).approval
    assert ended.state is ApprovalState.APPROVED
    await slack.wait_for(lambda: all(block["type"] != "actions" for block in question.blocks))
    end = slack.messages(PLACE)[1]
    assert (end.username, end.thread_ts) == ("olga", question.ts)
    assert slack.violations == {}


async def test_buttons_go_when_somebody_answers_elsewhere(hub: Hub, slack: FakeSlack) -> None:
    agent = await wren(hub)
    olga = (await hub.cases.people.create(hub.actor, "olga", role=Role.ADMIN)).principal
    asked = await hub.cases.approvals.request(agent, "general", "Bash", "make deploy", approvers=["olga"])
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 1)
    [question] = slack.messages(PLACE)
    text = question.shown
    assert question.blocks[-1]["type"] == "actions"
    await hub.cases.approvals.answer(olga, asked.approval.id, "deny")
    await slack.wait_for(lambda: all(block["type"] != "actions" for block in question.blocks))
    assert (question.shown, question.edited) == (text, None)
    assert slack.violations == {}


async def test_button_of_a_task_is_there_as_long_as_nobody_has_it(hub: Hub, slack: FakeSlack) -> None:
    agent, alice = await wren(hub), slack.person("alice")
    task = (await hub.cases.tasks.create(agent, "general", "mend it")).task
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 1)
    [offer] = slack.messages(PLACE)

    def buttons() -> list[str]:
        return [it["text"]["text"] for block in offer.blocks if block["type"] == "actions" for it in block["elements"]]

    assert buttons() == ["Claim"]
    await hub.cases.tasks.claim(agent, task.id)
    await slack.wait_for(lambda: buttons() == [])
    await hub.cases.tasks.release(agent, task.id)
    await slack.wait_for(lambda: buttons() == ["Claim"])
    await alice.press(offer, offer.blocks[-1]["elements"][0]["action_id"])
    await slack.wait_for(lambda: buttons() == [])
    assert [it.text.partition(" for ")[0] for it in slack.ephemerals] == [f"`{task.id[:8]}` is yours"]
    ghost = (await hub.cases.task_lists.get(agent, task.id)).claimed_by
    assert ghost is not None
    await hub.cases.tasks.release(next(it for it in hub.cases.directory.principals() if it.id == ghost), task.id)
    await slack.wait_for(lambda: buttons() == ["Claim"])
    await hub.cases.tasks.cancel(agent, task.id)
    await slack.wait_for(lambda: buttons() == [])
    assert offer.edited is None
    assert slack.violations == {}


async def test_message_is_sent_to_an_agent_from_its_menu(hub: Hub, slack: FakeSlack) -> None:
    await wren(hub)
    hub.cases.presence.touch(next(it for it in hub.cases.directory.principals() if it.name == "wren"))
    alice = slack.person("alice")
    said = await alice.say(PLACE, "the build is red")
    root = await wait_for_message(hub, "the build is red")
    await alice.shortcut(said, "send_to_agent")
    await slack.wait_for(lambda: slack.interactions.views)
    [view] = slack.interactions.views.values()
    chosen = {"to": {"value": {"selected_option": {"value": "@wren"}}}, "text": {"value": {"value": "look at it"}}}
    await alice.submit(view.id, chosen)
    asked = await wait_for_message(hub, "@wren look at it")
    assert asked.parent_id == root.id
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 2)
    assert slack.messages(PLACE)[1].thread_ts == said.ts


async def test_order_said_in_the_channel_answers_and_is_refused_to_others(hub: Hub, slack: FakeSlack) -> None:
    agent, alice, bob = await wren(hub), slack.person("alice"), slack.person("bob")
    await hub.cases.people.create(hub.actor, "olga", role=Role.ADMIN)
    await alice.command(PLACE, "/airchat", f"link {await hub.cases.link_codes.create(hub.actor, 'olga')}")
    asked = await hub.cases.approvals.request(agent, "general", "Bash", "make deploy", approvers=["olga"])
    await bob.say(PLACE, f"!approve {asked.approval.short_id}")
    refusal = "Only people with an account on the hub can answer a request for approval"
    await wait_for_message(hub, f"@bob-slack: {refusal}")
    await slack.wait_for(lambda: [it for it in slack.messages(PLACE) if it.text == f"{bob.mention}: {refusal}"])
    await alice.say(PLACE, f"!deny {asked.approval.short_id} not today")
    end = await wait_for_message(hub, f"[approval {asked.approval.short_id} denied] Bash, by olga: not today")
    assert end.author_name == "olga"


async def test_person_whose_account_is_deactivated_says_nothing_more(hub: Hub, slack: FakeSlack) -> None:
    alice = slack.person("alice")
    await hub.cases.people.create(hub.actor, "olga")
    await alice.command(PLACE, "/airchat", f"link {await hub.cases.link_codes.create(hub.actor, 'olga')}")
    await alice.say(PLACE, "before")
    await wait_for_message(hub, "before")
    await hub.cases.people.set_active(hub.actor, "olga", active=False)
    said = await alice.say(PLACE, "unheard")
    await alice.react(said, "tada")
    await slack.person("bob").say(PLACE, "after")
    await wait_for_message(hub, "after")
    assert [it.content for it in await written(hub)] == ["before", "after"]


async def test_hub_with_a_signing_secret_alone_answers_commands(slack: FakeSlack, tmp_path: Path) -> None:
    settings = HubSettings.model_validate({
        "hub": {"state_dir": str(tmp_path / "state")},
        "http": {"port": 0},
        "irc": {"enabled": False},
        "slack": {"signing_secret": "secret", "api_url": slack.api_url},
    })  # fmt: skip
    async with running_hub(settings) as hub:
        agent, alice = await wren(hub), slack.person("alice")
        slack.call_by_http(f"{hub.address}/api/slack", "secret")
        await alice.command(PLACE, "/airchat", "@wren please *help*")
        await alice.command(PLACE, "/airchat")
        assert slack.messages(PLACE)[0].text.startswith("Sent to `@wren` in #direct-messages. They'll be notified")
        assert slack.ephemerals[0].text == "`/airchat help` shows what there is."
        [item] = await hub.cases.inbox.pending(agent)
        assert item.message is not None
        assert (item.message.content, item.message.author_name) == ("@wren please **help**", "alice-slack")
        await hub.cases.messages.direct(agent, "alice-slack", "done")
        await alice.command(PLACE, "/airchat", "read @wren")
        assert slack.ephemerals[1].text.endswith("@\u200balice-slack done")
        slack.app.signing_secret = "another secret"
        slack.settings.ack_window = 0.2
        delivery = await alice.command(PLACE, "/airchat", "status")
        assert delivery.state == "failed"
