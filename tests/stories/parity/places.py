"""The five places: what somebody does there, and what is seen there of what was done elsewhere."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal
from bridges.irc.wire.lines import Line
from hub.app import Hub
from tests.bridges.irc.server import Client
from tests.fakes.discord import FakeDiscord
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import FakeSlack

CHANNEL = "general"
ROOM = "#general"
THUMB = "\U0001f44d"
SECRET = b"the bytes of a file"


@dataclass
class Seen:
    """What somebody reads of one message; `lines` are what else is said about it."""

    text: str
    thread: str | None = None
    reactions: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)


class Place(Protocol):
    """Somewhere people talk. What is done returns what later doings need to know of it."""

    async def say(self, text: str) -> Any:
        """Say something."""
        ...

    async def edit(self, said: Any, text: str) -> None:
        """Say it otherwise."""
        ...

    async def delete(self, said: Any) -> None:
        """Take it back."""
        ...

    async def react(self, said: Any) -> None:
        """Hang a thumb on it."""
        ...

    async def reply(self, said: Any, text: str) -> Any:
        """Answer in its thread."""
        ...

    async def share(self, name: str, text: str) -> Any:
        """Share a file."""
        ...

    async def seen(self, word: str) -> Seen | None:
        """Return the message with that word in it, None when there is none."""
        ...

    async def find(self, word: str) -> Any:
        """Return what later doings need to know of a message that came from elsewhere."""
        ...


class Slack:
    """A person in Slack."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        self._alice = slack.person("alice")

    async def say(self, text: str) -> Any:
        return await self._alice.say(ROOM, text)

    async def edit(self, said: Any, text: str) -> None:
        await self._alice.edit(said, text)

    async def delete(self, said: Any) -> None:
        await self._alice.delete(said)

    async def react(self, said: Any) -> None:
        await self._alice.react(said, "+1")

    async def reply(self, said: Any, text: str) -> Any:
        return await self._alice.say(ROOM, text, thread=said)

    async def share(self, name: str, text: str) -> Any:
        return await self._alice.upload(ROOM, name, SECRET, text=text)

    async def seen(self, word: str) -> Seen | None:
        messages = self.slack.messages(ROOM)
        found = [it for it in messages if word in it.shown or any(word in file.name for file in it.files)]
        if not found:
            return None
        root = next((it.shown for it in messages if it.ts == found[0].thread_ts and it is not found[0]), None)
        return Seen(
            "\n".join(it.shown for it in found),
            root,
            frozenset(THUMB for name in found[0].reactions if name == "+1"),
            tuple(file.name for file in found[0].files),
            lines=[it.text for it in found],
        )

    async def find(self, word: str) -> Any:
        return next((it for it in self.slack.messages(ROOM) if word in it.shown), None)


class Discord:
    """A person on Discord."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self._bob = discord.person("bob")

    async def say(self, text: str) -> Any:
        return await self._bob.say(ROOM, text)

    async def edit(self, said: Any, text: str) -> None:
        await self._bob.edit(said, text)

    async def delete(self, said: Any) -> None:
        await self._bob.delete(said)

    async def react(self, said: Any) -> None:
        await self._bob.react(said, THUMB)

    async def reply(self, said: Any, text: str) -> Any:
        return await self._bob.say(await self._bob.thread(said, "talk"), text)

    async def share(self, name: str, text: str) -> Any:
        return await self._bob.upload(ROOM, name, SECRET, text=text)

    async def seen(self, word: str) -> Seen | None:
        messages = self.discord.messages(ROOM)
        found = [it for it in messages if word in it.content or any(word in file.filename for file in it.attachments)]
        if not found:
            return None
        first = found[0]
        home = self.discord.channel(ROOM).id
        answered = first.channel_id if first.channel_id != home else (first.reference or {}).get("message_id")
        root = next((it.content for it in messages if it.id == answered), None)
        return Seen(
            "\n".join(it.content for it in found),
            root,
            frozenset(key for key in first.reactions if first.reactions[key]),
            tuple(file.filename for file in first.attachments),
        )

    async def find(self, word: str) -> Any:
        return next((it for it in self.discord.messages(ROOM) if word in it.content), None)


class Network:
    """A person on an outside IRC network."""

    def __init__(self, network: FakeIrcNetwork) -> None:
        self.network = network
        self._dora = network.person("dora", "dora")

    async def say(self, text: str) -> Any:
        return self._dora.say(ROOM, text)

    async def edit(self, said: Any, text: str) -> None:
        before = next(event.params[0] for event in self.network.said(ROOM) if event.msgid == said)
        self._dora.say(ROOM, f"s/{before}/{text}/")

    async def delete(self, said: Any) -> None:
        self._dora.redact(ROOM, said)

    async def react(self, said: Any) -> None:
        self._dora.react(ROOM, said, THUMB)

    async def reply(self, said: Any, text: str) -> Any:
        return self._dora.say(ROOM, text, said)

    async def share(self, name: str, text: str) -> Any:
        raise NotImplementedError

    async def seen(self, word: str) -> Seen | None:
        redacted = {event.params[0] for event in self._history() if event.command == "REDACT"}
        said = [event for event in self.network.said(ROOM) if event.msgid not in redacted]
        texts = [event.params[0].replace("\u200b", "") for event in said]
        found = [text for text in texts if word in text]
        return Seen("\n".join(found), lines=texts) if found else None

    async def find(self, word: str) -> Any:
        events = (event for event in self.network.said(ROOM) if word in event.params[0].replace("\u200b", ""))
        return next((event.msgid for event in events), None)

    def _history(self) -> list[Any]:
        return self.network.network.channel(ROOM).history


class IrcClient:
    """A person with an IRC client, connected to the hub's own server."""

    CAPABILITIES = (
        "message-tags",
        "server-time",
        "echo-message",
        "labeled-response",
        "batch",
        "draft/multiline",
        "draft/message-redaction",
    )

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lines: list[Line] = []

    async def say(self, text: str) -> Any:
        return await self._send(text)

    async def edit(self, said: Any, text: str) -> None:
        raise NotImplementedError

    async def delete(self, said: Any) -> None:
        self._client.send(f"REDACT {ROOM} {said}")

    async def react(self, said: Any) -> None:
        self._client.send(f"@+draft/react={THUMB};+draft/reply={said} TAGMSG {ROOM}")

    async def reply(self, said: Any, text: str) -> Any:
        return await self._send(text, f";+draft/reply={said}")

    async def share(self, name: str, text: str) -> Any:
        raise NotImplementedError

    async def seen(self, word: str) -> Seen | None:
        await self._read()
        redacted = {line.params[1] for line in self._lines if line.command == "REDACT"}
        said = [it for it in self._lines if it.command == "PRIVMSG" and it.tags.get("msgid") not in redacted]
        found = [line for line in said if word in line.params[1]]
        if not found:
            return None
        id = found[0].tags.get("msgid")
        answered = found[0].tags.get("+draft/reply") or found[0].tags.get("+reply")
        root = next((line.params[1] for line in said if answered and line.tags.get("msgid") == answered), None)
        marks = [it.tags for it in self._lines if it.command == "TAGMSG" and it.tags.get("+draft/reply") == id]
        return Seen(
            "\n".join(line.params[1] for line in found),
            root,
            frozenset(tags["+draft/react"] or "" for tags in marks if "+draft/react" in tags),
            lines=[line.params[1] for line in said],
        )

    async def find(self, word: str) -> Any:
        await self._read()
        lines = (it for it in self._lines if it.command == "PRIVMSG" and word in it.params[1])
        return next((line.tags.get("msgid") for line in lines), None)

    async def _send(self, text: str, tags: str = "") -> Any:
        first, *more = text.split("\n")
        if more:
            self._client.send(
                f"@{tags.lstrip(';')} BATCH +b draft/multiline {ROOM}" if tags else f"BATCH +b draft/multiline {ROOM}"
            )
            self._client.send(*(f"@batch=b PRIVMSG {ROOM} :{line}" for line in (first, *more)), "BATCH -b")
        else:
            self._client.send(f"@label=x{tags} PRIVMSG {ROOM} :{text}")
        while True:
            await self._read()
            mine = (it for it in self._lines if it.command == "PRIVMSG" and first in it.params[1])
            if (line := next(mine, None)) is not None:
                return line.tags.get("msgid")
            await asyncio.sleep(0.02)

    async def _read(self) -> None:
        self._lines += await self._client.sync()


class Agent:
    """An agent, over the hub's use-cases."""

    def __init__(self, hub: Hub, me: Principal, other: Principal) -> None:
        self._hub = hub
        self._me = me
        self._other = other

    async def say(self, text: str) -> Any:
        return (await self._hub.cases.messages.post(self._me, CHANNEL, text)).message.id

    async def edit(self, said: Any, text: str) -> None:
        await self._hub.cases.messages.edit(self._me, said, text)

    async def delete(self, said: Any) -> None:
        await self._hub.cases.messages.delete(self._me, said)

    async def react(self, said: Any) -> None:
        await self._hub.cases.reactions.add(self._me, said, THUMB)

    async def reply(self, said: Any, text: str) -> Any:
        return (await self._hub.cases.messages.post(self._me, CHANNEL, text, parent_id=said)).message.id

    async def share(self, name: str, text: str) -> Any:
        async def content() -> AsyncIterator[bytes]:
            yield SECRET

        await self._hub.cases.files.put(self._me, CHANNEL, name, content())

    async def seen(self, word: str) -> Seen | None:
        messages = await self._written()
        found = [it for it in messages if word in it.content or word in str(it.metadata.get("files", ""))]
        if not found:
            return None
        async with self._hub.store.read() as unit:
            reactions = await unit.messages.reactions([it.id for it in found])
        root = next((it.content for it in messages if it.id == found[0].parent_id), None)
        files = tuple(str(entry["name"]) for entry in found[0].metadata.get("files", ()))
        return Seen("\n".join(it.content for it in found), root, frozenset(it.emoji for it in reactions), files)

    async def find(self, word: str) -> Any:
        return next((it.id for it in await self._written() if word in it.content), None)

    async def called(self, word: str) -> bool:
        """Tell whether the other agent was called by the message with that word."""
        async with self._hub.store.read() as unit:
            found = await unit.messages.mentions_of(self._other.id, 100, unread_only=False)
        return any(word in message.content for _, message, _ in found)

    async def _written(self) -> list[Message]:
        channel = self._hub.cases.directory.channel_by_name(CHANNEL)
        async with self._hub.store.read() as unit:
            return await unit.messages.page(channel.id, 200) if channel else []


def plain(text: str) -> str:
    """Return a text without what formats it, without breaks, and without what keeps names from being mentions."""
    return re.sub(r"\s+", " ", re.sub(r"[\u200b\x02\x03\x11\x1d\x1e\x1f\x0f`*_]", "", text))
