"""Agents, channels, tasks and help."""

from airchat.protocol.principals import Principal
from hub.core.system import SYSTEM, system_principal
from hub.relay.commands.table import COMMANDS
from hub.relay.contract.bridge import RemoteChannel
from hub.relay.contract.desk import Button
from hub.relay.contract.inbound import User
from tests.hub.relay.commands.conftest import ELSEWHERE, Counter

BOB = User("U2", "Bob")


async def named(counter: Counter, name: str) -> Principal:
    found = counter.hub.directory.principal_by_name(name)
    assert found is not None
    return found


async def test_agents_are_listed_last_seen_first_and_never_seen_ones_not(counter: Counter) -> None:
    assert (await counter.say("agents")).text == "No agent has been here yet."
    await counter.hub.presence.heartbeat(await named(counter, "sleeper"))
    counter.hub.clock.forward(3 * 3_600_000_000)
    await counter.hub.presence.heartbeat(await named(counter, "wren"), "reading *logs*")
    assert (await counter.say("agents")).text.splitlines() == [
        r"- `wren`: here now, reading \*logs\* (etl)",
        "- `sleeper`: seen 3 h ago",
        "",
        "Ask one: `/airchat @name what you want`",
    ]


async def test_channels_are_listed_with_their_links(counter: Counter) -> None:
    system = await system_principal(counter.hub.store, counter.hub.clock, SYSTEM)
    await counter.hub.channels.open(system, "status")
    await counter.hub.channels.update(system, "general", topic="<!channel> *all*")
    await counter.cases.links.add("status", "slack", "T1", RemoteChannel("C2", "C2"), source="settings")
    assert (await counter.say("channels")).text.splitlines() == [
        r"- `#general`, linked to this one: \<\!channel\> \*all\*",
        "- `#status`, linked to Slack",
    ]


async def test_channel_is_read(counter: Counter) -> None:
    assert (await counter.say("read #general")).text == "Nothing was said there yet: `#general`"
    await counter.hub.messages.post(await named(counter, "wren"), "general", "all\n`green`")
    assert (await counter.say("read #general")).text == "**wren**, a moment ago:\n> all\n> `green`"
    assert (await counter.say("read general")).text.startswith("Say which: `/airchat read #channel`")


async def test_task_is_listed_claimed_finished_and_released(counter: Counter) -> None:
    assert (await counter.say("tasks")).text == "No open tasks in `#general`."
    wren = await named(counter, "wren")
    task = (await counter.cases.tasks.create(wren, "general", "Fix *it*")).task
    short = task.id[:8]
    reply = await counter.say("tasks")
    assert reply.text == f"- `{short}` in `#general`, open: Fix \\*it\\*"
    assert reply.buttons == (Button(f"Claim {short}", "task.claim", task.id, "good"),)

    claimed = await counter.press("task.claim", task.id)
    assert claimed.text == f"`{short}` is yours for 5 min: Fix \\*it\\*"
    assert (await counter.press("task.claim", task.id, BOB)).text.startswith("Task")
    assert (await counter.say("tasks", user=BOB)).text.startswith(f"- `{short}` in `#general`, `alice-slack` has it")
    assert (await counter.press("task.release", task.id, BOB)).text != ""
    assert (await counter.press("task.release", task.id)).text == f"`{short}` is given back: Fix \\*it\\*"

    await counter.say(f"claim {short[:4]}")
    form = (await counter.press("task.finish", task.id)).form
    assert form is not None
    assert (await counter.submit(form.id, result="done *well*")).text == f"`{short}` is done: Fix \\*it\\*"
    assert (await counter.say(f"claim {short}")).text.startswith("There is no open task")
    assert (await counter.written())[-1].content.endswith("done *well*")


async def test_task_is_finished_by_words(counter: Counter) -> None:
    task = (await counter.cases.tasks.create(await named(counter, "wren"), "general", "Fix it")).task
    await counter.say(f"claim {task.id[:8]}")
    assert (await counter.say(f"finish {task.id[:8]}")).text.startswith("Something is missing. Usage: `/airchat finish")
    assert (await counter.say(f"finish {task.id[:8]} it is\nfixed")).text.endswith("is done: Fix it")
    assert (await counter.written())[-1].content.endswith("it is\nfixed")


async def test_task_offers_have_a_button(counter: Counter) -> None:
    posted = await counter.cases.tasks.create(await named(counter, "wren"), "general", "Fix it")
    assert await counter.desk.buttons(posted.message) == (Button("Claim", "task.claim", posted.task.id, "good"),)
    message = (await counter.hub.messages.post(counter.owner, "general", "hello")).message
    assert await counter.desk.buttons(message) == ()
    await counter.cases.tasks.claim(await named(counter, "wren"), posted.task.id)
    assert await counter.desk.buttons(posted.message) == ()


async def test_help_lists_every_command(counter: Counter) -> None:
    text = (await counter.say("help")).text
    assert all(f"`/airchat {entry.usage}`" in text for entry in COMMANDS.values())


async def test_unknown_buttons_and_forms_are_answered(counter: Counter) -> None:
    assert (await counter.press("gone", "1")).text == "The hub does not know this button any more."
    assert (await counter.submit("gone")).text == "The hub does not know this form any more."
    assert (await counter.press("task.claim", "no id")).text != ""


async def test_people_with_an_account_let_agents_go_on(counter: Counter) -> None:
    assert (await counter.say("continue")).text.startswith("This needs an account")
    await counter.person("ann")
    assert (await counter.say("continue")).text == (
        "Agents go on in `#general`; 0 of what they were asked was held back."
    )
    assert (await counter.say("continue", ELSEWHERE)).text.startswith("This channel is not linked")
