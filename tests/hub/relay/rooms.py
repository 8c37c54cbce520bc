"""Two loopback platforms whose room `lobby` is linked to the hub's `general`, and how both are read."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from bridges.loopback.bridge import US, loopback_platform
from bridges.loopback.platform import LoopbackPlatform, Post
from hub.relay.contract.bridge import Bridge
from hub.relay.contract.platform import Platform
from hub.relay.linking import ConfiguredLink
from hub.relay.rules import Rules
from tests.hub.relay.hub import CHANNEL, Hub
from tests.waiting import SECONDS, eventually

ROOM = "lobby"


class Shown(NamedTuple):
    """A message as anybody reads it, wherever: reactions are the emoji on it."""

    author: str
    text: str
    thread: str | None = None
    reactions: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()


@dataclass
class Rooms:
    """The platforms by name, and the hub between them, which runs and is linked to them within `async with`."""

    hub: Hub
    platforms: dict[str, LoopbackPlatform]

    async def __aenter__(self) -> Self:
        await self.hub.start()
        await self.connected()
        await self.hub.linked()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hub.stop()

    def shown(self, platform: str) -> list[Shown]:
        """Return what people read in a room."""
        posts = {post.id: post for post in self.platforms[platform].posts if post.room == ROOM}
        return [_shown(post, posts) for post in posts.values()]

    async def hub_shows(self) -> list[Shown]:
        """Return what is read on the hub."""
        messages = await self.hub.written()
        texts = {message.id: message.content for message in messages}
        async with self.hub.store.read() as unit:
            reactions = await unit.messages.reactions(list(texts))
        return [
            Shown(
                message.author_display or message.author_name,
                "" if message.content.startswith("Shared a file: ") else message.content,
                texts.get(message.parent_id) if message.parent_id else None,
                frozenset(it.emoji for it in reactions if it.message_id == message.id),
                tuple(str(entry["name"]) for entry in message.metadata.get("files", ())),
            )
            for message in messages
        ]

    async def same(self, count: int, *, seconds: float = SECONDS) -> list[Shown]:
        """Wait until all show the same `count` messages, and stay so; return them."""

        async def agreed() -> bool:
            here = await self.hub_shows()
            return len(here) == count and all(sorted(self.shown(name)) == sorted(here) for name in self.platforms)

        await eventually(agreed, seconds=seconds)
        await asyncio.sleep(0.3)  # what would come twice, comes now
        here = await self.hub_shows()
        for name in self.platforms:
            assert sorted(self.shown(name)) == sorted(here), name
        return here

    async def hub_has(self, count: int) -> bool:
        """Tell whether the hub shows so many messages."""
        return len(await self.hub_shows()) == count

    async def same_in_rooms(self, count: int) -> list[Shown]:
        """Wait until the rooms show the same, where threads have one level, and return it."""
        first, *others = self.platforms
        await eventually(lambda: all(len(self.shown(name)) == count for name in self.platforms))
        for name in others:
            assert sorted(self.shown(name)) == sorted(self.shown(first))
        return self.shown(first)

    async def connected(self) -> None:
        """Wait until every bridge listens."""
        await eventually(lambda: all(platform.listeners for platform in self.platforms.values()))


def _shown(post: Post, posts: dict[str, Post]) -> Shown:
    root = posts.get(post.thread_id) if post.thread_id else None
    return Shown(
        post.author,
        post.text,
        root.text if root else None,
        frozenset(emoji for _, emoji in post.reactions),
        tuple(name for name, _ in post.files),
    )


def people(post: Post) -> bool:
    """Tell whether a person wrote the post, not a bridge."""
    return post.token is None and post.author != US


def make_rooms(
    folder: Path,
    names: tuple[str, ...] = ("east", "west"),
    *,
    rules: Rules | None = None,
    create: Callable[[str, LoopbackPlatform], Bridge] | None = None,
) -> Rooms:
    """Return platforms and a hub that is not started yet; `create` makes bridges that are not the usual ones."""
    platforms = {name: LoopbackPlatform() for name in names}

    def known(name: str) -> Platform:
        rooms = platforms[name]
        return loopback_platform(rooms, name) if create is None else Platform(name, lambda: create(name, rooms))

    links = [ConfiguredLink(CHANNEL, name, ROOM, rules=rules or Rules()) for name in names]
    return Rooms(Hub(folder, [known(name) for name in names], links), platforms)
