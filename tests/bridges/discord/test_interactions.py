"""Commands, suggestions, buttons and forms: what the desk is asked, and what people get to see."""

from collections.abc import AsyncIterator

import pytest

from bridges.discord import interactions
from bridges.discord.bridge import DiscordBridge
from hub.relay.contract.desk import Button, Command, Field, Form, Press, Reply, Submission
from hub.relay.contract.outbound import Author, Post
from tests.bridges.discord.people import Desk, People, running
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.people import buttons

PLACE = "#general"


@pytest.fixture
async def desk(discord: FakeDiscord, bridge: DiscordBridge) -> AsyncIterator[Desk]:
    desk = Desk()
    async with running(bridge, desk):
        await discord.wait_for(lambda: discord.app.commands)
        yield desk


async def posted(discord: FakeDiscord, bridge: DiscordBridge, *shown: Button) -> str:
    post = Post("m:0", discord.channel(PLACE).id, Author("w", "wren"), "may I?", 0, buttons=shown)
    return await bridge.post(post, People())


async def test_command_is_passed_on_as_typed_and_answered_for_one_alone(discord: FakeDiscord, desk: Desk) -> None:
    alice = discord.person("alice")
    done = await alice.command(PLACE, "airchat", text="tasks for @wren")
    [asked] = desk.asked
    assert isinstance(asked, Command)
    assert (asked.text, asked.user.id, asked.user.name) == ("tasks for @wren", alice.id, "Alice")
    assert asked.place.remote_channel == discord.channel(PLACE).id
    assert (asked.place.platform, asked.place.workspace, asked.place.thread_id) == ("discord", discord.guild.id, None)
    assert (done.text, done.messages[0].ephemeral_for, discord.messages(PLACE)) == ("done", alice.id, [])


async def test_command_in_a_thread_says_so(discord: FakeDiscord, desk: Desk) -> None:
    root = await discord.person("alice").say(PLACE, "root")
    thread = await discord.person("alice").thread(root, "talk")
    await discord.person("alice").command(thread, "airchat", text="status")
    assert (desk.asked[0].place.remote_channel, desk.asked[0].place.thread_id) == (
        discord.channel(PLACE).id,
        root.id,
    )


async def test_asking_an_agent_is_a_text_that_begins_with_its_name(discord: FakeDiscord, desk: Desk) -> None:
    await discord.person("alice").command(PLACE, "ask", agent=" @wren", text="are you there?")
    assert isinstance(desk.asked[0], Command)
    assert desk.asked[0].text == "@wren are you there?"


async def test_suggestions_follow_what_is_typed(discord: FakeDiscord, desk: Desk) -> None:
    desk.suggestions = ["@wren", "@wren-2", "#general", "x" * 101]
    alice = discord.person("alice")
    agents = await alice.autocomplete(PLACE, "ask", "agent", agent="wr", text="")
    anything = await alice.autocomplete(PLACE, "airchat", "text", text="ta")
    assert [it["value"] for it in agents.choices] == ["wren", "wren-2"]
    assert [it["value"] for it in anything.choices] == ["@wren", "@wren-2", "#general"]
    assert desk.begun == ["@wr", "ta"]


async def test_slow_desk_is_waited_for(discord: FakeDiscord, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "DIRECT_SECONDS", 0.05)
    desk.wait = 0.3
    done = await discord.person("alice").command(PLACE, "airchat", text="tasks")
    assert (done.failed, done.messages) == (False, [])
    await discord.wait_for(done.written.is_set)
    assert (done.text, discord.messages(PLACE)) == ("done", [])


async def test_public_reply_is_in_the_channel_and_names_nobody(discord: FakeDiscord, desk: Desk) -> None:
    desk.reply = Reply("@everyone: *all* is well", public=True)
    await discord.person("alice").command(PLACE, "airchat", text="status")
    [message] = discord.messages(PLACE)
    assert (message.author.username, message.pings) == ("airchat", set())
    assert "*all* is well" in message.content


async def test_long_reply_comes_in_pieces(discord: FakeDiscord, desk: Desk) -> None:
    desk.reply = Reply("\n".join(f"line {number}" for number in range(600)))
    done = await discord.person("alice").command(PLACE, "airchat", text="tasks")
    await discord.wait_for(lambda: "line 599" in done.text)
    assert len(done.messages) > 1
    assert all(message.ephemeral_for for message in done.messages)


async def test_form_is_shown_and_its_values_come_back(discord: FakeDiscord, desk: Desk) -> None:
    fields = (Field("to", "To", choices=(("wren", "Wren"),)), Field("text", "Text", long=True, value="draft"))
    desk.reply = Reply(form=Form("say 17", "Say something", fields))
    asked = await discord.person("alice").command(PLACE, "airchat")
    assert asked.modal is not None
    assert (asked.modal["title"], len(asked.modal["components"])) == ("Say something", 2)
    desk.reply = Reply("sent")
    done = await discord.person("alice").submit(asked, {"to": "wren", "text": "hello"})
    assert isinstance(desk.asked[1], Submission)
    assert (desk.asked[1].form, desk.asked[1].values) == ("say 17", {"to": "wren", "text": "hello"})
    assert done.text == "sent"


async def test_menu_of_a_message_asks_about_it(discord: FakeDiscord, desk: Desk) -> None:
    desk.reply = Reply(form=Form("say", "Send", (Field("text", "Text"),)))
    said = await discord.person("bob").say(PLACE, "look at **this**")
    shown = await discord.person("alice").menu(said, "Send to agent")
    assert isinstance(desk.asked[0], Command)
    assert (desk.asked[0].text, desk.asked[0].about) == ("look at **this**", said.id)
    assert shown.modal is not None


async def test_buttons_come_back_with_what_they_stand_for(
    discord: FakeDiscord, bridge: DiscordBridge, desk: Desk
) -> None:
    await posted(discord, bridge, Button("Yes", "approve", "01ABC", "good"), Button("No", "deny", "01ABC", "bad"))
    [message] = discord.messages(PLACE)
    assert [(it["label"], it["style"]) for it in buttons(message.components)] == [("Yes", 3), ("No", 4)]
    desk.reply = Reply("Only Bob may.")
    refused = await discord.person("alice").press(message, "press:approve:01ABC")
    assert refused.text == "Only Bob may."
    assert list(buttons(message.components)) != []

    desk.reply = Reply("Approved by Bob.", replace=True)
    await discord.person("bob").press(message, "press:approve:01ABC")
    assert (message.content, message.components) == ("Approved by Bob.", [])
    assert desk.asked == [Press(it.user, it.place, "approve", "01ABC") for it in desk.asked]
    assert [it.user.name for it in desk.asked] == ["Alice", "Bob"]


async def test_slow_press_replaces_the_message_afterwards(
    discord: FakeDiscord, bridge: DiscordBridge, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactions, "DIRECT_SECONDS", 0.05)
    await posted(discord, bridge, Button("Yes", "approve", "01ABC"))
    [message] = discord.messages(PLACE)
    desk.wait, desk.reply = 0.2, Reply("Approved.", replace=True)
    await discord.person("bob").press(message, "press:approve:01ABC")
    await discord.wait_for(lambda: message.content == "Approved.")
    assert message.components == []
    desk.wait, desk.reply = 0.0, Reply("Too late.")


@pytest.mark.parametrize("seconds", [0.0, 0.2])
async def test_settled_message_loses_its_buttons_and_keeps_its_text(
    discord: FakeDiscord, bridge: DiscordBridge, desk: Desk, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(interactions, "DIRECT_SECONDS", 0.05)
    await posted(discord, bridge, Button("Yes", "approve", "01ABC"))
    [message] = discord.messages(PLACE)
    desk.wait, desk.reply = seconds, Reply("It is approved.", settled=True)
    done = await discord.person("bob").press(message, "press:approve:01ABC")
    await discord.wait_for(lambda: done.text == "It is approved.")
    assert done.messages[0].ephemeral_for == discord.person("bob").id
    assert (message.content, message.components) == ("may I?", [])


async def test_form_of_a_slow_desk_is_answered_as_a_command_is(
    discord: FakeDiscord, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.reply = Reply(form=Form("say", "Say", (Field("text", "Text"),)))
    asked = await discord.person("alice").command(PLACE, "airchat")
    monkeypatch.setattr(interactions, "DIRECT_SECONDS", 0.05)
    desk.wait, desk.reply = 0.2, Reply("sent")
    done = await discord.person("alice").submit(asked, {"text": "hello"})
    await discord.wait_for(lambda: done.text == "sent")
    assert (done.kind, done.messages[0].ephemeral_for) == (5, discord.person("alice").id)


async def test_button_whose_value_is_too_long_is_left_out(
    discord: FakeDiscord, bridge: DiscordBridge, desk: Desk
) -> None:
    await posted(discord, bridge, Button("Yes", "approve", "x" * 100), Button("No", "deny", "1"))
    assert [it["label"] for it in buttons(discord.messages(PLACE)[0].components)] == ["No"]


async def test_interaction_that_cannot_be_read_harms_nobody(discord: FakeDiscord, desk: Desk) -> None:
    body = {"guild_id": discord.guild.id, "type": 3, "data": {"custom_id": 7}, "id": "1", "token": "t"}
    discord.gateway.dispatch("INTERACTION_CREATE", body)
    discord.gateway.dispatch("INTERACTION_CREATE", {"guild_id": discord.guild.id})
    assert (await discord.person("alice").command(PLACE, "airchat", text="status")).text == "done"
