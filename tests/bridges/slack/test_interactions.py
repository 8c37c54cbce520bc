"""Commands, buttons, shortcuts and forms, over real sockets."""

import pytest

from bridges.slack import interactions
from hub.relay.contract.desk import Button, Command, Field, Form, Place, Press, Reply, Submission
from tests.bridges.slack.conftest import PLACE, World
from tests.bridges.slack.desk import ScriptedDesk

FORM = Form("say 1", "A title that is longer than Slack lets it be", (
    Field("to", "To", (("@wren", "@wren"), ("#x", "#x")), value="#x"), Field("text", "What", long=True, value="> q"),
))  # fmt: skip


def place(world: World, thread: str | None = None) -> Place:
    return Place("slack", world.slack.workspace.team_id, world.channel, thread)


async def test_command_is_asked_for_whoever_typed_it_and_answered_to_them_alone(world: World) -> None:
    desk, alice = ScriptedDesk(Reply("see **this** <!channel>")), world.slack.person("alice")
    async with world.running(desk):
        delivery = await alice.command(PLACE, "/airchat", "@wren fix *it* &amp; a_b_c")
    [asked] = desk.asked
    assert isinstance(asked, Command)
    assert (asked.user.id, asked.user.name, asked.place) == (alice.id, "Alice", place(world))
    assert asked.text == "@wren fix **it** & a_b_c"
    assert delivery.state == "acked"
    [shown] = world.slack.ephemerals
    assert (shown.user, shown.text) == (alice.id, "see *this* &lt;!channel&gt;")
    assert world.slack.messages(PLACE) == []


async def test_public_reply_is_there_for_all_with_its_buttons(world: World) -> None:
    desk = ScriptedDesk(Reply("one", (Button("Claim", "task.claim", "t1", "good"),), public=True))
    async with world.running(desk):
        await world.slack.person("alice").command(PLACE, "/airchat", "tasks")
        [message] = world.slack.messages(PLACE)
        assert message.shown == "one"
        desk.reply = Reply("yours")
        await world.slack.person("bob").press(message, "task.claim|0")
        await world.slack.wait_for(lambda: world.slack.ephemerals)
    assert desk.asked[1] == Press(desk.asked[1].user, place(world), "task.claim", "t1")
    assert (desk.asked[1].user.name, world.slack.ephemerals[0].text) == ("Bob", "yours")


async def test_slow_answer_comes_afterwards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "ACK_SECONDS", 0.05)
    desk = ScriptedDesk(Reply("at last"), pause=0.3)
    async with world.running(desk):
        delivery = await world.slack.person("alice").command(PLACE, "/airchat", "status")
        assert (delivery.state, delivery.response) == ("acked", None)
        await world.slack.wait_for(lambda: world.slack.ephemerals)
    assert world.slack.ephemerals[0].text == "at last"


async def test_form_is_shown_filled_in_and_what_came_of_it_is_told(world: World) -> None:
    desk, alice = ScriptedDesk(Reply("instead", form=FORM)), world.slack.person("alice")
    async with world.running(desk):
        await alice.command(PLACE, "/airchat")
        [view] = world.slack.interactions.views.values()
        assert view.view["title"]["text"] == "A title that is longer …"
        to, text = (block["element"] for block in view.view["blocks"])
        assert (to["initial_option"]["value"], text["initial_value"]) == ("#x", "> q")
        desk.reply = Reply("sent")
        chosen = {"to": {"value": {"selected_option": {"value": "@wren"}}}, "text": {"value": {"value": "do it"}}}
        delivery = await alice.submit(view.id, chosen)
        assert (delivery.state, delivery.response) == ("acked", None)
    assert desk.asked[1] == Submission(desk.asked[1].user, place(world), "say 1", {"to": "@wren", "text": "do it"})
    assert [(it.user, it.text) for it in world.slack.ephemerals] == [(alice.id, "sent")]


async def test_what_came_of_a_form_is_told_directly_where_the_app_is_not(world: World) -> None:
    world.slack.create_channel("#elsewhere", with_app=False)
    desk, alice = ScriptedDesk(Reply("instead", form=FORM)), world.slack.person("alice")
    async with world.running(desk):
        await alice.command("#elsewhere", "/airchat")
        [view] = world.slack.interactions.views.values()
        desk.reply = Reply("sent")
        world.slack.faults.refuse("chat.postEphemeral", "not_in_channel")
        await alice.submit(view.id, {})
    direct = world.slack.workspace.direct(alice.id, world.slack.app.user.id)
    assert [message.text for message in direct.messages.values()] == ["sent"]


async def test_form_that_cannot_be_shown_is_answered_in_words(world: World) -> None:
    world.slack.faults.refuse("views.open", "expired_trigger_id")
    async with world.running(ScriptedDesk(Reply("type it", form=FORM))):
        await world.slack.person("alice").command(PLACE, "/airchat")
    assert world.slack.ephemerals[0].text == "type it"


async def test_shortcut_tells_which_message_it_is_about(world: World) -> None:
    desk, alice = ScriptedDesk(Reply("instead", form=FORM)), world.slack.person("alice")
    async with world.running(desk):
        root = await alice.say(PLACE, "root")
        said = await alice.say(PLACE, "the *build* is red", thread=root)
        await world.slack.person("bob").shortcut(said, "send_to_agent")
        await world.slack.wait_for(lambda: world.slack.interactions.views)
    [asked] = desk.asked
    assert isinstance(asked, Command)
    assert (asked.text, asked.about, asked.place) == ("the **build** is red", said.ts, place(world, root.ts))


async def test_settled_buttons_go_from_the_message(world: World) -> None:
    desk = ScriptedDesk(Reply("approved", settled=True))
    async with world.running(desk):
        buttons = (Button("Approve", "approval.approve", "a1"),)
        await world.bridge.post(world.post("May I *do* it?", buttons=buttons), world.names)
        [message] = world.slack.messages(PLACE)
        await world.slack.person("alice").press(message, "approval.approve|0")
        await world.slack.wait_for(lambda: [block["type"] for block in message.blocks] == ["section"])
        await world.slack.wait_for(lambda: world.slack.ephemerals)
    assert (message.shown, message.username) == ("May I _do_ it?", "wren")


async def test_reply_to_a_press_in_a_reply_takes_its_place(world: World) -> None:
    desk = ScriptedDesk(Reply("released", replace=True))
    async with world.running(desk):
        buttons = (Button("Give back", "task.release", "t1"),)
        await world.bridge.post(world.post("yours", buttons=buttons), world.names)
        [message] = world.slack.messages(PLACE)
        await world.slack.person("alice").press(message, "task.release|0")
        await world.slack.wait_for(lambda: message.text == "released")
    assert world.slack.ephemerals == []


async def test_whatever_is_sent_is_acknowledged(world: World) -> None:
    desk, alice = ScriptedDesk(), world.slack.person("alice")
    async with world.running(desk):
        said = await alice.say(PLACE, "x")
        assert (await alice.shortcut(said, "somebody_elses")).state == "acked"
        for payload in (
            {"type": "view_closed"},
            {"type": "block_actions"},
            {"type": "view_submission", "view": {}},
            {},
        ):
            delivery = world.slack.courier.dispatch(world.slack.app, "interactive", payload)
            await delivery.done.wait()
            assert delivery.state == "acked"
    assert desk.asked == []


async def test_member_who_cannot_be_looked_up_is_called_as_the_command_says(world: World) -> None:
    desk = ScriptedDesk()
    world.slack.faults.fail_before("users.info")
    async with world.running(desk):
        await world.slack.person("alice").command(PLACE, "/airchat", "status")
    assert desk.asked[0].user.name == "alice"
