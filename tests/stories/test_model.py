"""People on Slack, Discord and an IRC network, agents on the hub, and everything that fails there: all at once.

At rest Slack and Discord show what the hub has, and on IRC every line was said once.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

from airchat.protocol.messages import Message, is_unfinished
from airchat.protocol.timestamps import SECOND
from bridges.discord.platform import BUDGETS, discord_platform
from bridges.irc_network.network import Network
from bridges.irc_network.platform import irc_network_platform
from bridges.slack.platform import slack_platform
from hub.relay import supervisor
from hub.relay.contract.platform import Budget, Call
from hub.relay.inward import inbox
from hub.relay.linking import ConfiguredLink
from hub.relay.outward import lanes, outlet, reactions, unfinished
from tests.fakes.discord import BOT_TOKEN as DISCORD_TOKEN
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.messages import SHOWN
from tests.fakes.discord.settings import Settings as DiscordSettings
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.fakes.slack import Settings as SlackSettings
from tests.hub.relay.hub import Hub

ROOM = "#general"
STEPS = 50
RESTARTS = 3
REST_SECONDS = 60.0
IRC_PEOPLE = ("dora", "emil")
OFTEN = (1_000, 1.0)
POST, WEBHOOK = "chat.postMessage", "POST /webhooks/*"


class Shown(NamedTuple):
    """A message as people read it; `thread` is the text of what it answers, as long as that is there."""

    author: str
    text: str
    emoji: frozenset[str]
    thread: str | None = None
    files: tuple[str, ...] = ()


@dataclass
class World:
    """Three platforms and a hub, and what comes next in them."""

    random: random.Random
    slack: FakeSlack
    discord: FakeDiscord
    irc: FakeIrcNetwork
    hub: Hub
    count: int = 0
    restarts: int = 0
    begun: list[Message] = field(default_factory=list)
    taken_back: set[str] = field(default_factory=set)
    """Lines on IRC, by id."""

    def text(self) -> str:
        self.count += 1
        return f"text{self.count}x " + self.random.choice(["plain", "ünï", "a < b", "twice * three"])

    async def say(self) -> None:
        text = self.text()
        match self.random.choice(["slack", "discord", "irc", "hub"]):
            case "slack":
                await self._in_slack().say(ROOM, text.replace("<", "&lt;"))
            case "discord":
                await self._in_discord().say(ROOM, text.replace("*", "\\*"))
            case "irc":
                nick = self.random.choice(IRC_PEOPLE)
                self.irc.person(nick, nick).say(ROOM, text)
            case _:
                await self.hub.post(self.random.choice(["wren", "otter"]), text)

    async def reply(self) -> None:
        """Answer something that answers nothing itself."""
        text = self.text()
        match self.random.choice(["slack", "discord", "irc", "hub"]):
            case "slack":
                if roots := [it for it in self._there_in_slack() if not it.is_reply]:
                    root = self.random.choice(roots)
                    await self._in_slack().say(ROOM, text.replace("<", "&lt;"), thread=root)
            case "discord":
                home = self.discord.channel(ROOM)
                if starters := [it for it in self._there_in_discord() if it.channel_id == home.id]:
                    start, bob = self.random.choice(starters), self._in_discord()
                    threads = self.discord.guild.channels
                    thread = threads[start.id] if start.id in threads else await bob.thread(start, "talk")
                    await bob.say(thread, text.replace("*", "\\*"))
            case "irc":
                if said := [it for it in self.irc.said(ROOM) if not it.tags.get("+draft/reply")]:
                    self.irc.person("dora", "dora").say(ROOM, text, self.random.choice(said).msgid)
            case _:
                if roots := [it for it in await self.hub.written() if it.parent_id is None]:
                    await self.hub.post("otter", text, parent=self.random.choice(roots))

    async def share(self) -> None:
        text, name = self.text(), f"file-{self.count}.txt"
        if self.random.random() < 0.5:
            await self._in_slack().upload(ROOM, name, name.encode(), text=text.replace("<", "&lt;"))
        else:
            await self._in_discord().upload(ROOM, name, name.encode(), text=text.replace("*", "\\*"))

    def _in_slack(self) -> Any:
        return self.slack.person(self.random.choice(["alice", "bob"]))

    def _in_discord(self) -> Any:
        return self.discord.person(self.random.choice(["alice", "bob"]))

    def _there_in_slack(self) -> list[Any]:
        return [it for it in self.slack.messages(ROOM) if it.subtype != "tombstone"]

    def _there_in_discord(self) -> list[Any]:
        return [it for it in self.discord.messages(ROOM) if it.type in SHOWN]

    async def edit(self) -> None:
        place, mine = await self._mine()
        if mine is not None:
            text = self.text().replace("<", "&lt;" if place == "slack" else "<")
            if place == "slack":
                await self.slack.person("alice").edit(mine, text)
            elif place == "discord":
                await self.discord.person("bob").edit(mine, text.replace("*", "\\*"))
            else:
                await self.hub.messages.edit(await self.hub.agent(mine.author_name), mine.id, text)

    async def begin(self) -> None:
        """Tell in a thread of an answer that is being written."""
        if roots := [it for it in await self.hub.written() if it.parent_id is None]:
            root = self.random.choice(roots)
            posted = await self.hub.post("wren", self.text(), parent=root, unfinished=True)
            self.begun.append(posted.message)

    async def go_on(self) -> None:
        """Tell how far one is, or finish it."""
        if there := [it for it in await self.hub.written() if it.id in {one.id for one in self.begun}]:
            mine, unfinished = self.random.choice(there), self.random.random() < 0.5
            wren = await self.hub.agent("wren")
            await self.hub.messages.edit(wren, mine.id, self.text(), unfinished=unfinished)

    async def finish(self) -> None:
        """Finish what is begun: on IRC nothing is said of it before."""
        for one in [it for it in await self.hub.written() if is_unfinished(it.metadata)]:
            await self.hub.messages.edit(await self.hub.agent("wren"), one.id, self.text())

    async def take_back_on_irc(self) -> None:
        if mine := [it for it in self.irc.said(ROOM) if it.by in IRC_PEOPLE and it.msgid not in self.taken_back]:
            line = self.random.choice(mine)
            self.taken_back.add(line.msgid)
            self.irc.person(line.by, line.by).redact(ROOM, line.msgid)

    async def react_on_irc(self) -> None:
        if there := [it for it in self.irc.said(ROOM) if it.msgid not in self.taken_back]:
            line, nick = self.random.choice(there), self.random.choice(IRC_PEOPLE)
            self.irc.person(nick, nick).react(ROOM, line.msgid, "👍", added=self.random.random() < 0.7)

    async def delete(self) -> None:
        place, mine = await self._mine()
        if mine is not None and self.random.random() < 0.5:
            if place == "slack":
                await self.slack.person("alice").delete(mine)
            elif place == "discord":
                await self.discord.person("bob").delete(mine)
            else:
                await self.hub.messages.delete(await self.hub.agent(mine.author_name), mine.id)

    async def react(self) -> None:
        match self.random.choice(["slack", "discord", "hub"]):
            case "slack":
                if messages := self._there_in_slack():
                    message, alice = self.random.choice(messages), self.slack.person("alice")
                    there = alice.id in message.reactions.get("+1", [])
                    await (alice.unreact if there else alice.react)(message, "+1")
            case "discord":
                if found := self._there_in_discord():
                    chosen, bob = self.random.choice(found), self.discord.person("bob")
                    there = bob.user.id in chosen.reactions.get("👍", [])
                    await (bob.unreact if there else bob.react)(chosen, "👍")
            case _:
                if written := await self.hub.written():
                    wren, of_hub = await self.hub.agent("wren"), self.random.choice(written)
                    known = await self.hub.reactions.on(wren, [of_hub.id])
                    there = any(it.principal_id == wren.id for it in known)
                    await (self.hub.reactions.remove if there else self.hub.reactions.add)(wren, of_hub.id, "👍")

    async def restart(self) -> None:
        if self.restarts < RESTARTS:
            self.restarts += 1
            await self.hub.stop()
            await self.slack.person("alice").say(ROOM, self.text().replace("<", "&lt;"))
            await self.discord.person("bob").say(ROOM, self.text().replace("*", "\\*"))
            await self.hub.start()

    async def fail(self) -> None:
        slack, discord = self.slack.faults, self.discord.faults
        arm: list[Callable[[], Any]] = [
            lambda: slack.lose_response(POST),
            lambda: slack.fail_after(POST),
            lambda: slack.fail_before("chat.*"),
            lambda: slack.lose_response("chat.*Stream"),
            lambda: slack.fail_after("chat.*Stream"),
            lambda: slack.rate_limit("chat.*"),
            lambda: slack.lose_response("reactions.*"),
            slack.echo_first,
            slack.duplicate,
            slack.ignore_ack,
            self.slack.sockets.cut,
            lambda: self.slack.sockets.disconnect("refresh_requested"),
            lambda: discord.lose_response(WEBHOOK),
            lambda: discord.fail_after(WEBHOOK),
            lambda: discord.fail_before(WEBHOOK),
            lambda: discord.rate_limit(WEBHOOK),
            discord.echo_first,
            discord.duplicate,
            discord.malform,
            self.discord.gateway.cut,
            self.discord.gateway.reconnect,
            self.discord.gateway.invalidate,
            self.irc.cut,
            lambda: setattr(self.irc.faults, "cut_before_answer", 1),
        ]
        self.random.choice(arm)()

    async def step(self) -> None:
        doings = [self.say, self.say, self.reply, self.reply, self.share, self.edit, self.delete]
        doings += [
            self.begin,
            self.begin,
            self.go_on,
            self.go_on,
            self.react,
            self.react,
            self.react_on_irc,
            self.take_back_on_irc,
            self.fail,
            self.restart,
        ]
        await self.random.choice(doings)()
        await asyncio.sleep(self.random.choice([0, 0.02, 0.1]))

    async def _mine(self) -> tuple[str, Any]:
        """Return somebody's own message, and where it was written."""
        place = self.random.choice(["slack", "discord", "hub"])
        mine: list[Any]
        if place == "slack":
            mine = [it for it in self._there_in_slack() if it.user == self.slack.person("alice").id]
        elif place == "discord":
            bob = self.discord.person("bob").user.id
            mine = [it for it in self._there_in_discord() if it.author.id == bob]
        else:
            mine = [it for it in await self.hub.written() if it.origin.platform == "hub"]
        return place, self.random.choice(mine) if mine else None

    async def on_hub(self) -> Counter[Shown]:
        messages = await self.hub.written()
        async with self.hub.store.read() as unit:
            marks = await unit.messages.reactions([it.id for it in messages])
        texts = said({it.id: it.content for it in messages})
        return Counter(
            Shown(
                it.author_display or it.author_name,
                texts[it.id],
                frozenset(mark.emoji for mark in marks if mark.message_id == it.id),
                texts.get(it.parent_id or ""),
                tuple(str(entry["name"]) for entry in it.metadata.get("files", ())),
            )
            for it in messages
            if it.id in texts
        )

    def on_slack(self) -> Counter[Shown]:
        messages = self._there_in_slack()
        texts = said({it.ts: it.shown for it in messages})
        return Counter(
            Shown(
                self.slack.workspace.author(it),
                texts[it.ts],
                frozenset("👍" for name, users in it.reactions.items() if name == "+1" and users),
                texts.get(it.thread_ts) if it.is_reply else None,
                tuple(file.name for file in it.files),
            )
            for it in messages
            if it.ts in texts
        )

    def unfinished_on_slack(self) -> list[str]:
        """Return what people see there as being written, or as broken off."""
        return [it.shown for it in self._there_in_slack() if it.unfinished]

    def on_discord(self) -> Counter[Shown]:
        messages = self._there_in_discord()
        texts = said({it.id: it.content for it in messages})
        return Counter(
            Shown(
                it.author.shown,
                texts[it.id],
                frozenset(key for key, who in it.reactions.items() if who),
                texts.get(it.channel_id),  # a thread has the id of what began it
                tuple(file.filename for file in it.attachments),
            )
            for it in messages
        )

    def twice_on_irc(self) -> list[str]:
        """Return what was said more than once as a message of its own."""
        said = [event.params[0].replace("\u200b", "") for event in self.irc.said(ROOM)]
        told = [text for text in said if "corrects" not in text and "reacts" not in text]
        plainly = [re.sub(r"^<[^>]*> (#\w{3} (\(re [^)]*\) )?)?", "", text) for text in told]
        counts = Counter(match[0] for text in plainly if (match := re.match(r"text\d+x", text)))
        return [stem for stem, times in counts.items() if times > 1]

    def missing_on_irc(self, wanted: Counter[Shown]) -> set[str]:
        """Return what nobody on IRC has read in any form."""
        said = " ".join(event.params[0].replace("\u200b", "") for event in self.irc.said(ROOM))
        stems = {match[0] for it in wanted if (match := re.search(r"text\d+x", it.text))}
        return {stem for stem in stems if stem not in said}


def said(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts, plain, without what stands for the deleted beginning of a thread: Discord's notice of it."""
    return {key: plain(text) for key, text in texts.items() if not text.startswith("started a thread: ")}


def plain(text: str) -> str:
    """Return a text as it was meant: without escapes of either platform, nor a line that quotes what is answered."""
    for escaped, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("\\", ""), ("\u200b", "")):
        text = text.replace(escaped, meant)
    return "\n".join(line for line in text.split("\n") if line and not line.startswith("> "))


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """All of it, connected."""
    for module in (supervisor, lanes, inbox):
        monkeypatch.setattr(module, "backoff", lambda _: 0.1)
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.2)
    monkeypatch.setattr(reactions, "GATHER", 300_000)
    monkeypatch.setattr(unfinished, "OPEN_FOR", 3 * SECOND)
    monkeypatch.setitem(BUDGETS, Call.POST, Budget())
    often = DiscordSettings(webhook_rate=OFTEN, channel_rate=OFTEN, post_rate=OFTEN, reaction_rate=OFTEN)
    patient = SlackSettings(ack_window=1.0, retry_delays=(0.0, 0.3, 0.6), post_rate=1_000, post_burst=1_000)
    async with FakeSlack(patient) as slack, FakeDiscord(often) as discord, FakeIrcNetwork() as irc:
        network = Network("irc", "127.0.0.1", irc.port, tls=False, colors=False, per_second=90.0, burst=40)
        made = [
            slack_platform(BOT_TOKEN, APP_TOKEN, slack.api_url, ping_seconds=0.5),
            discord_platform(DISCORD_TOKEN, api_url=discord.api_url),
            irc_network_platform(network),
        ]
        platforms = [replace(platform, budgets={}) for platform in made]
        links = [ConfiguredLink("general", platform.name, ROOM) for platform in platforms]
        hub = Hub(tmp_path, platforms, links)
        await hub.start()
        try:
            await slack.wait_for(lambda: len(slack.sockets.open) == 2, what="Slack's sockets")
            await discord.wait_for(lambda: discord.connected, what="Discord's gateway")
            await hub.linked()
            yield World(random.Random(), slack, discord, irc, hub)
        finally:
            await hub.stop()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(1, 1 + settings().max_examples // 30))
async def test_everybody_reads_the_same_at_rest(world: World, seed: int) -> None:
    world.random.seed(seed)
    for _ in range(STEPS):
        await world.step()
    await world.finish()
    world.slack.faults.clear()
    world.discord.faults.clear()
    await world.hub.restart()  # what a connection swallowed is found when it is made anew
    deadline, quiet = time.monotonic() + REST_SECONDS, 0
    while quiet < 10 and time.monotonic() < deadline:
        wanted = await world.on_hub()
        same = wanted == world.on_slack() == world.on_discord() and not world.missing_on_irc(wanted)
        same = same and not world.unfinished_on_slack()
        quiet = quiet + 1 if same else 0
        await asyncio.sleep(0.05)
    wanted = await world.on_hub()
    for there in (world.on_slack(), world.on_discord()):
        assert there == wanted, f"lost {wanted - there}, too much {there - wanted}"
    assert world.unfinished_on_slack() == []
    assert (world.missing_on_irc(wanted), world.twice_on_irc()) == (set(), [])
