"""What went wrong between aircd and its clients, on our server: nothing is lost, nobody deaf, no talk endless."""

import asyncio
from pathlib import Path

import pytest

from airchat.protocol.limits import MESSAGE_LENGTH
from tests.bridges.irc.aircd.client import AircdClient, agent
from tests.bridges.irc.server import IrcHub, running_irc_server


def said(client: AircdClient, sender: str) -> list[str]:
    return [heard.content for heard in client.heard if heard.sender == sender]


async def test_an_invalid_byte_costs_its_line_alone(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    for client in (one, other):
        await client.join("#work")
    one.send_bytes(b"PRIVMSG #work :caf\xe9\r\n")
    await one.say("#work", "still here")
    await other.say("#work", "I hear you")
    await one.sync()
    assert [line for line in one.others if "INVALID_UTF8" in line] != []
    assert [heard.content for heard in one.heard] == ["still here", "I hear you"]
    assert one.heard == other.heard


async def test_a_line_of_70_kb_makes_nobody_deaf_and_its_author_hears_of_it(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    for client in (one, other):
        await client.join("#work")
    await one.say("#work", "x" * 70_000)
    await one.say("#work", "after")
    await other.sync()
    assert said(other, "agent-a") == ["after"]
    assert said(one, "aircd") == ["Your line was too long and was not sent"]
    assert (one.failure, other.failure) == (None, None)


@pytest.mark.parametrize("size", [9_000, 33_000, 65_000])
async def test_a_long_answer_arrives_whole(irc: IrcHub, size: int) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    for client in (one, other):
        await client.join("#work")
    text = " ".join(str(number) for number in range(size))[:size]
    await one.say("#work", text)
    await other.sync()
    assert "".join(said(other, "agent-a")) == text
    assert all(len(heard.raw.encode()) < 65_535 for heard in other.heard)
    assert len({heard.tags["msg-id"] for heard in other.heard}) == len(other.heard)
    assert other.failure is None


async def test_the_longest_message_of_the_hub_arrives_whole(irc: IrcHub) -> None:
    one = await agent(irc, "agent-a")
    await one.join("#work")
    text = "\u4e16" * MESSAGE_LENGTH
    await irc.hub.cases.messages.post(irc.hub.actor, "work", text)
    await one.sync()
    assert "".join(heard.content for heard in one.heard) == text
    assert one.failure is None


async def test_channels_in_one_word_are_two_channels(irc: IrcHub) -> None:
    one, ann = await agent(irc, "agent-a"), await irc.client("ann")
    await one.join("#work,#general")
    for channel in ("#work", "#general"):
        await ann.join(channel)
        await ann.ask(f"PRIVMSG {channel} :hello")
    await one.sync()
    assert [heard.channel for heard in one.heard] == ["#work", "#general"]


async def test_a_text_cannot_become_a_command(irc: IrcHub) -> None:
    one, other = await agent(irc, "agent-a"), await agent(irc, "agent-b")
    await other.join("#work")
    await one.join("#work")
    await irc.hub.cases.messages.post(irc.hub.actor, "work", "first\r\nQUIT :gone\nPRIVMSG #work :forged\rlast")
    await other.sync()
    assert [heard.sender for heard in other.heard] == ["system"] * len(other.heard)
    assert other.failure is None
    await one.say("#work", "here")


@pytest.mark.slow
async def test_agents_that_answer_everything_come_to_rest(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, limits="normal") as irc:
        agents = [await agent(irc, f"agent-{letter}") for letter in "abc"]
        ann = await irc.client("ann")
        for client in agents:
            await client.join("#work")
        await ann.join("#work")
        replies = [asyncio.create_task(answer_everything(client)) for client in agents]
        ann.send("PRIVMSG #work :hello")
        await asyncio.sleep(3)
        early = len(agents[0].heard)
        await asyncio.sleep(3)
        late = len(agents[0].heard)
        for task in replies:
            task.cancel()
        await asyncio.gather(*replies, return_exceptions=True)
        assert 60 <= early <= 75
        assert late - early <= 10
        ann.send("PRIVMSG #work :whoever talks to them is heard at once")
        await agents[0].until(lambda: "whoever talks to them is heard at once" in said(agents[0], "ann"))


async def answer_everything(client: AircdClient) -> None:
    answered = 0
    while not client.ended.is_set():
        for heard in client.heard[answered:]:
            if heard.sender != client.nick:
                client.send(f"PRIVMSG {heard.channel} :I agree with {heard.sender}")
            answered += 1
        await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_two_hundred_receivers_hear_everything_in_order(irc: IrcHub) -> None:
    one = await agent(irc, "agent-a")
    await one.join("#work")
    receivers = [await agent(irc, f"receiver-{number}") for number in range(200)]
    for client in receivers:
        await client.join("#work")
    texts = [f"line {number}" for number in range(50)]
    for text in texts:
        one.send(f"PRIVMSG #work :{text}")
    await one.sync()
    for client in receivers:
        await client.sync()
        assert said(client, "agent-a") == texts
    seqs = [heard.seq for heard in one.heard]
    assert seqs == sorted(seqs)
