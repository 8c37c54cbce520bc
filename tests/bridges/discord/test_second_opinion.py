"""The bridge's idea of Discord against simcord's, which checks permissions, bodies and limits in its own way."""

import discord

from hub.relay.contract.bridge import LinkedChannel, Window
from hub.relay.contract.desk import Button, Command, Press, Reply
from hub.relay.contract.inbound import Delete, Edit, Message, React
from hub.relay.contract.outbound import Author, Post, Reference, Topic
from hub.relay.contract.outbound import Delete as Remove
from hub.relay.contract.outbound import Edit as Change
from hub.relay.contract.outbound import React as Mark
from tests.bridges.discord.people import People, decoded
from tests.bridges.discord.second_opinion import Simulation, simulation
from tests.contract.bridges.sides import Received

WREN = Author("w", "wren")


def post(sim: Simulation, text: str, **fields: object) -> Post:
    known: dict[str, object] = {"token": "m:0", "author": WREN, "attempted_at": 0}  # simcord's clock stands still
    return Post(remote_channel=str(sim.channel.id), text=text, **(known | fields))  # type: ignore[arg-type]


def shown(sim: Simulation) -> list[tuple[str, str]]:
    said = (it for it in sim.channel.history() if it.type is not discord.MessageType.thread_created)
    return [(it.author.name, it.content) for it in said]


async def test_what_people_do_is_understood() -> None:
    async with simulation() as sim:
        alice = sim.person("alice")
        said = await alice.send(sim.channel, "one **bold**")
        reply = await alice.send(sim.channel, "two", reply_to=said)
        await alice.edit(said, "three")
        await alice.react(said, "👍")
        await alice.unreact(said, "👍")
        await alice.delete(said)
        found = await decoded(sim.bridge, await sim.stored())
    first, edit, answer, react, unreact, gone = found  # at one and the same moment, as simcord tells
    assert isinstance(first, Message)
    assert isinstance(answer, Message)
    assert (first.remote_id, first.text, first.author.name) == (str(said.id), "one **bold**", "alice")
    assert (answer.remote_id, answer.reply_to) == (str(reply.id), str(said.id))
    assert isinstance(edit, Edit)
    assert (edit.remote_id, edit.text) == (str(said.id), "three")
    assert isinstance(react, React)
    assert isinstance(unreact, React)
    assert [(it.emoji, it.added, it.user.name) for it in (react, unreact)] == [
        ("👍", True, "alice"),
        ("👍", False, "alice"),
    ]
    assert gone == Delete(str(said.id))


async def test_what_the_bridge_does_is_taken() -> None:
    async with simulation() as sim:
        home, alice = str(sim.channel.id), sim.person("alice")
        question = await alice.send(sim.channel, "question")
        root = Reference("m", str(question.id), "alice", "question")
        wanted = post(sim, "@everyone **hello**")
        remote_id = await sim.bridge.post(wanted, People())
        answer = await sim.bridge.post(post(sim, "answer", thread=root, reply_to=root), People())
        assert await sim.bridge.find_sent(wanted) == remote_id
        target = Reference("m", remote_id, "wren", "hello")
        await sim.bridge.change(Change(home, target, WREN, "changed"), People())
        for added in (True, True, False, False):
            await sim.bridge.change(Mark(home, target, "👍", (WREN,), added=added), People())
        await sim.bridge.change(Topic(home, WREN, "news"), People())
        [thread] = sim.channel.threads
        assert (thread.name, str(thread.id)) == ("question", str(question.id))
        # simcord's webhooks post into channels only
        assert shown(sim) == [("alice", "question"), ("wren", "changed"), ("wren", "answer")]
        await sim.bridge.change(Remove(home, Reference("m", answer, "wren", ""), WREN, root), People())
        await sim.bridge.change(Remove(home, Reference("m", str(question.id), "alice", ""), WREN), People())
        assert shown(sim) == [("wren", "changed")]
        assert [it for it in await decoded(sim.bridge, await sim.stored()) if isinstance(it, Message)][1:] == []


async def test_history_and_sweep_read_it() -> None:
    async with simulation() as sim:
        alice = sim.person("alice")
        said = [await alice.send(sim.channel, f"{number}") for number in range(3)]
        await alice.react(said[0], "👍")
        await alice.delete(said[1])
        missed = Received()
        await sim.bridge.read_up(LinkedChannel(str(sim.channel.id), None, 0), missed)
        texts = [it.text for it in await decoded(sim.bridge, missed) if isinstance(it, Message)]
        window = Window(str(sim.channel.id), tuple(str(it.id) for it in said), {})
        found = {it.remote_id: it async for it in sim.bridge.sweep(window, People())}
    assert texts == ["0", "2"]
    assert found[str(said[1].id)].message is None
    assert [(user.name, emoji) for user, emoji in found[str(said[0].id)].reactions or ()] == [("alice", "👍")]


async def test_commands_and_buttons_are_what_discord_py_would_see() -> None:
    async with simulation() as sim:
        alice = sim.person("alice")
        sim.desk.suggestions = ["@wren"]
        assert [it["value"] for it in await alice.autocomplete(sim.channel, "ask", "agent", "w")] == ["wren"]
        done = await alice.slash(sim.channel, "ask", agent="wren", text="hello")
        assert done.ephemeral
        assert done.response is not None
        assert done.response.content == "done"
        # simcord has no webhooks of applications, which alone may have buttons: the bot says it
        await sim.bridge.post(post(sim, "may I?", author=None, buttons=(Button("Yes", "approve", "1"),)), People())
        sim.desk.reply = Reply("Approved.", replace=True)
        message = sim.channel.last_message
        assert message is not None
        await alice.click(message, label="Yes")
        assert sim.channel.last_message is not None
        assert sim.channel.last_message.content == "Approved."
        command, press = sim.desk.asked
        assert isinstance(command, Command)
        assert isinstance(press, Press)
        assert (command.text, press.action, press.value) == ("@wren hello", "approve", "1")
