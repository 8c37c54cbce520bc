"""Whatever people and agents do, whatever fails: at rest Discord and the hub show the same."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from airchat.protocol.messages import Message as HubMessage
from tests.bridges.discord.world import PLACE, World
from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord.messages import SHOWN
from tests.hub.relay.hub import Hub

STEPS = 40
RESTARTS = 2
POSTS = "POST /webhooks/*"
EMOJI = ("👍", "🎉", "❤️")


class Shown(NamedTuple):
    """A message as it stands: author, text, what began its thread, and the emoji on it."""

    author: str
    text: str
    thread: str | None
    emoji: frozenset[str]


@dataclass
class Model:
    """Picks what happens next."""

    random: random.Random
    discord: FakeDiscord
    hub: Hub
    texts: int = 0
    restarts: int = 0
    kept: set[str] = field(default_factory=set)
    """Texts of messages that have answers: they are not deleted."""

    def text(self, old: str = "") -> str:
        """A text that begins with a number of its own, which it keeps when it is edited."""
        self.texts += 1
        stem = stem_of(old) if old else f"text {self.texts}:"
        return f"{stem} {self.texts} " + self.random.choice(["plain", "ünï 👩‍👩‍👧", "`code`", "**bold**", "a\nb"])

    def theirs(self) -> list[Message]:
        return [it for it in self.discord.messages(PLACE) if it.type in SHOWN and not it.webhook_id]

    async def ours(self) -> list[HubMessage]:
        return [it for it in await self.hub.written() if it.deleted_at is None and it.origin.platform == "hub"]

    async def say(self) -> None:
        await self.discord.person(self.random.choice(["alice", "bob"])).say(PLACE, self.text())

    async def reply(self) -> None:
        home = self.discord.channel(PLACE)
        roots = [it for it in self.discord.messages(PLACE) if it.type in SHOWN and it.channel_id == home.id]
        if roots:
            root = self.random.choice(roots)
            self.kept.add(stem_of(root.content))
            channels = self.discord.guild.channels
            if root.id not in channels:
                await self.discord.person("bob").thread(root, "talk")
            await self.discord.person("bob").say(channels[root.id], self.text())

    async def post(self) -> None:
        await self.hub.post(self.random.choice(["wren", "otter"]), self.text())

    async def answer(self) -> None:
        there = {stem_of(it.content) for it in self.discord.messages(PLACE)}
        written = [it for it in await self.hub.written() if it.parent_id is None and it.deleted_at is None]
        roots = [it for it in written if it.origin.platform == "hub" or stem_of(it.content) in there]
        if roots:
            root = self.random.choice(roots)
            self.kept.add(stem_of(root.content))
            await self.hub.post("wren", self.text(), parent=root)

    async def edit(self) -> None:
        if self.random.random() < 0.5:
            await self.edit_there()
        elif mine := [it for it in await self.ours() if stem_of(it.content) not in self.kept]:
            message = self.random.choice(mine)
            author = await self.hub.agent(message.author_name)
            await self.hub.messages.edit(author, message.id, self.text(message.content))

    async def delete(self) -> None:
        if self.random.random() < 0.5:
            found = [it for it in self.theirs() if stem_of(it.content) not in self.kept]
            if found:
                await self.discord.person("bob").delete(self.random.choice(found))
        elif mine := [it for it in await self.ours() if stem_of(it.content) not in self.kept]:
            message = self.random.choice(mine)
            await self.hub.messages.delete(await self.hub.agent(message.author_name), message.id)

    async def react(self) -> None:
        emoji = self.random.choice(EMOJI)
        if self.random.random() < 0.5:
            if found := [it for it in self.discord.messages(PLACE) if it.type in SHOWN]:
                message, alice = self.random.choice(found), self.discord.person("alice")
                change = alice.unreact if alice.id in message.reactions.get(emoji, []) else alice.react
                await change(message, emoji)
        elif written := [it for it in await self.hub.written() if it.deleted_at is None]:
            await self.hub.reactions.add(await self.hub.agent("otter"), self.random.choice(written).id, emoji)

    async def restart(self) -> None:
        if self.restarts < RESTARTS:
            self.restarts += 1
            await self.hub.stop()
            for action in (self.say, self.edit_there, self.react_there):
                await action()
            await self.hub.start()

    async def edit_there(self) -> None:
        if found := [it for it in self.theirs() if stem_of(it.content) not in self.kept]:
            message = self.random.choice(found)
            await self.discord.person("bob").edit(message, self.text(message.content))

    async def react_there(self) -> None:
        if found := self.theirs():
            await self.discord.person("bob").react(self.random.choice(found), "👍")

    async def fault(self) -> None:
        faults, gateway = self.discord.faults, self.discord.gateway
        arm: list[Callable[[], None]] = [
            lambda: faults.lose_response(POSTS),
            lambda: faults.fail_after(POSTS),
            lambda: faults.fail_before(POSTS),
            lambda: faults.fail_after("PATCH *"),
            lambda: faults.fail_before("DELETE *"),
            lambda: faults.lose_response("PUT */reactions/*"),
            lambda: faults.rate_limit(POSTS, retry_after=0.2),
            faults.echo_first,
            faults.duplicate,
            faults.malform,
            faults.edit_first,
            lambda: faults.fail_before("GET *"),
            gateway.cut,
            gateway.reconnect,
            gateway.invalidate,
        ]
        self.random.choice(arm)()

    async def step(self) -> None:
        common = [self.say, self.reply, self.post, self.answer, self.edit, self.delete, self.react]
        await self.random.choice([*common, *common, self.restart, self.fault, self.fault])()
        await asyncio.sleep(self.random.choice([0, 0, 0.05, 0.2]))

    # -- what stands ---------------------------------------------------------------------------------

    def there(self) -> list[Shown]:
        lines = self.discord.transcript(PLACE)
        messages = [it for it in self.discord.messages(PLACE) if it.type in SHOWN]
        return [
            Shown(line.author, line.text, line.thread, frozenset(message.reactions))
            for line, message in zip(lines, messages, strict=True)
        ]

    async def here(self) -> list[Shown]:
        written = await self.hub.written()
        texts = {it.id: it.content for it in written}
        async with self.hub.store.read() as unit:
            marks = await unit.messages.reactions([it.id for it in written])
        emoji = {it.id: frozenset(mark.emoji for mark in marks if mark.message_id == it.id) for it in written}
        return [
            Shown(
                it.author_display or it.author_name,
                it.content,
                texts.get(it.parent_id) if it.parent_id else None,  # it can be deleted while somebody answers
                emoji[it.id],
            )
            for it in written
            if it.deleted_at is None
        ]

    async def agree(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while Counter(self.there()) != Counter(await self.here()):
            if loop.time() > deadline:
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)  # what would come twice, comes now
        there, here = Counter(self.there()), Counter(await self.here())
        assert (sorted((there - here).elements()), sorted((here - there).elements())) == ([], [])


def stem_of(text: str) -> str:
    return text.partition(":")[0] + ":"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_both_sides_are_the_same_at_rest(world: World, discord: FakeDiscord, hub: Hub, seed: int) -> None:
    model = Model(random.Random(seed), discord, hub)
    for _ in range(STEPS):
        await model.step()
    discord.faults.clear()
    await model.agree(40)
    assert discord.violations == {}
