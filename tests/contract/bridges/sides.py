"""A platform as the contract's tests see it: what is written there, what is shown, and fresh bridges to it."""

import re
import time
from typing import Protocol

from bridges.discord.bridge import DiscordBridge
from bridges.irc_network.bridge import IrcNetworkBridge
from bridges.irc_network.network import Network
from bridges.loopback.bridge import LoopbackBridge
from bridges.loopback.platform import LoopbackPlatform
from bridges.slack.bridge import SlackBridge
from hub.relay.contract.bridge import Bridge, LinkedChannel, RawEvent
from hub.relay.contract.inbound import User
from tests.fakes.discord import BOT_TOKEN as BOT
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.messages import SHOWN
from tests.fakes.discord.messages import Message as DiscordMessage
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.irc_network.network import Event
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.fakes.slack.messages import Message as SlackMessage

THUMB = "👍"

Shown = tuple[str, str, str | None]
"""Author, text, and the id of the thread."""


class Side(Protocol):
    """One platform."""

    remote: str

    def bridge(self) -> Bridge:
        """Return a fresh bridge."""
        ...

    async def write(self, author: str, text: str, thread_id: str | None = None) -> str:
        """Let somebody write into the channel; return the id."""
        ...

    def shown(self) -> list[Shown]:
        """Return what is in the channel."""
        ...

    async def edit(self, author: str, remote_id: str, text: str) -> None:
        """Let somebody edit what they wrote."""
        ...

    async def delete(self, author: str, remote_id: str) -> None:
        """Let somebody delete what they wrote."""
        ...

    async def react(self, author: str, remote_id: str) -> None:
        """Let somebody hang a thumb on a message."""
        ...

    def thumbs(self, remote_id: str) -> int:
        """Return how many thumbs hang on a message."""
        ...


class LoopbackSide:
    remote = "lobby"

    def __init__(self) -> None:
        self._rooms = LoopbackPlatform()

    def bridge(self) -> Bridge:
        return LoopbackBridge(self._rooms)

    async def write(self, author: str, text: str, thread_id: str | None = None) -> str:
        return self._rooms.write(self.remote, author, text, thread_id=thread_id).id

    def shown(self) -> list[Shown]:
        return [(post.author, post.text, post.thread_id) for post in self._rooms.posts]

    async def edit(self, author: str, remote_id: str, text: str) -> None:
        self._rooms.edit(remote_id, text, author)

    async def delete(self, author: str, remote_id: str) -> None:
        self._rooms.delete(remote_id, author)

    async def react(self, author: str, remote_id: str) -> None:
        self._rooms.react(remote_id, author, THUMB)

    def thumbs(self, remote_id: str) -> int:
        return len(self._rooms.post(remote_id).reactions)


class SlackSide:
    remote = "#general"

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack

    def bridge(self) -> Bridge:
        return SlackBridge(BOT_TOKEN, APP_TOKEN, self._slack.api_url, ping_seconds=0.5)

    async def write(self, author: str, text: str, thread_id: str | None = None) -> str:
        return (await self._slack.person(author.lower()).say(self.remote, text, thread=thread_id or "")).ts

    def shown(self) -> list[Shown]:
        messages = self._slack.messages(self.remote)
        return [(self._slack.workspace.author(it), it.shown, it.thread_ts or None) for it in messages]

    async def edit(self, author: str, remote_id: str, text: str) -> None:
        await self._slack.person(author.lower()).edit(self._message(remote_id), text)

    async def delete(self, author: str, remote_id: str) -> None:
        await self._slack.person(author.lower()).delete(self._message(remote_id))

    async def react(self, author: str, remote_id: str) -> None:
        await self._slack.person(author.lower()).react(self._message(remote_id), "+1")

    def thumbs(self, remote_id: str) -> int:
        return len(self._message(remote_id).reactions.get("+1", []))

    def _message(self, remote_id: str) -> SlackMessage:
        return next(it for it in self._slack.messages(self.remote) if it.ts == remote_id)


class DiscordSide:
    remote = "#general"

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord

    def bridge(self) -> Bridge:
        return DiscordBridge(BOT, api_url=self._discord.api_url)

    async def write(self, author: str, text: str, thread_id: str | None = None) -> str:
        person = self._discord.person(author.lower())
        if thread_id is None:
            return (await person.say(self.remote, text)).id
        channels = self._discord.guild.channels
        if thread_id not in channels:
            await person.thread(self._discord.channel(self.remote).messages[thread_id], "talk")
        return f"{(await person.say(channels[thread_id], text)).id}@{thread_id}"

    def shown(self) -> list[Shown]:
        home = self._discord.channel(self.remote).id
        messages = [it for it in self._discord.messages(self.remote) if it.type in SHOWN]
        return [(it.author.shown, it.content, None if it.channel_id == home else it.channel_id) for it in messages]

    async def edit(self, author: str, remote_id: str, text: str) -> None:
        await self._discord.person(author.lower()).edit(self._message(remote_id), text)

    async def delete(self, author: str, remote_id: str) -> None:
        await self._discord.person(author.lower()).delete(self._message(remote_id))

    async def react(self, author: str, remote_id: str) -> None:
        await self._discord.person(author.lower()).react(self._message(remote_id), THUMB)

    def thumbs(self, remote_id: str) -> int:
        return len(self._message(remote_id).reactions.get(THUMB, []))

    def _message(self, remote_id: str) -> DiscordMessage:
        message_id = remote_id.partition("@")[0]
        return next(it for it in self._discord.messages(self.remote) if it.id == message_id)


class IrcNetworkSide:
    remote = "#general"

    def __init__(self, network: FakeIrcNetwork) -> None:
        self._network = network
        self.made: list[IrcNetworkBridge] = []

    def bridge(self) -> Bridge:
        network = Network("irc", "127.0.0.1", self._network.port, tls=False, colors=False, per_second=90.0, burst=20)
        self.made.append(IrcNetworkBridge(network))
        return self.made[-1]

    async def write(self, author: str, text: str, thread_id: str | None = None) -> str:
        return self._network.person(author).say(self.remote, text, thread_id)

    def shown(self) -> list[Shown]:
        redacted = {it.params[0] for it in self._history() if it.command == "REDACT"}
        return [_spoken(event) for event in self._network.said(self.remote) if event.msgid not in redacted]

    async def edit(self, author: str, remote_id: str, text: str) -> None:
        raise NotImplementedError

    async def delete(self, author: str, remote_id: str) -> None:
        self._network.person(author).redact(self.remote, remote_id)

    async def react(self, author: str, remote_id: str) -> None:
        self._network.person(author).react(self.remote, remote_id, THUMB)

    def thumbs(self, remote_id: str) -> int:
        return sum(it.tags.get("+draft/reply") == remote_id and "+draft/react" in it.tags for it in self._history())

    def _history(self) -> list[Event]:
        return self._network.network.channel(self.remote).history

    async def close(self) -> None:
        """Leave the network with every bridge that was made."""
        for bridge in self.made:
            await bridge.close()


def _spoken(event: Event) -> Shown:
    """Return who said what: behind the bridge's nick and the tag of a thread."""
    text, thread = event.params[0], event.tags.get("+draft/reply")
    relayed = re.fullmatch(r"<([^>]*)> (?:#\w+ (?:\(re [^)]*\) )?)?(.*)", text.replace("\u200b", ""))
    return (relayed[1], relayed[2], thread) if relayed else (event.by, text, thread)


class Received:
    """An intake that keeps what it gets, each once."""

    def __init__(self) -> None:
        self.events: dict[str, RawEvent] = {}
        self.listened = 0
        self.seen_times = 0
        self.cursor: str | None = None
        self.closed: dict[str, float] = {}

    async def accept(self, event: RawEvent) -> None:
        self.events.setdefault(event.key, event)

    def listening(self) -> None:
        self.listened += 1

    def seen(self) -> None:
        self.seen_times += 1

    async def save_cursor(self, channel: LinkedChannel, cursor: str) -> None:
        self.cursor = cursor

    async def close(self, what: str, seconds: float) -> None:
        self.closed[what] = time.monotonic() + seconds

    def closed_for(self, what: str) -> float:
        return max(0.0, self.closed.get(what, 0.0) - time.monotonic())

    def in_order(self) -> list[RawEvent]:
        return sorted(self.events.values(), key=lambda event: event.order_key)


class Plain:
    """Names that are the same on both sides."""

    async def name_of(self, user: User) -> str:
        return user.name.lower()

    def remote_id_of(self, name: str) -> str | None:
        return None

    def channel_of(self, remote_channel: str) -> str | None:
        return None

    def remote_channel_of(self, name: str) -> str | None:
        return None
