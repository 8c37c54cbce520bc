"""The loopback bridge: each obligation of the contract in its simplest form. It carries everything there is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

from bridges.loopback.platform import Happening, LoopbackPlatform
from hub.relay.contract import inbound, outbound
from hub.relay.contract.bridge import (
    Capability,
    Intake,
    LinkedChannel,
    Names,
    RawEvent,
    RemoteChannel,
    Window,
)
from hub.relay.contract.desk import Desk
from hub.relay.contract.errors import Gone, Refused
from hub.relay.contract.platform import Platform
from hub.relay.markup import split
from hub.relay.words import plainly

PLATFORM = "loopback"
PART_LENGTH = 1_000
_OVERLAP = 100
US = "hub"
"""What the bridge's own account is called in the rooms."""


class LoopbackBridge:
    """Connects a `LoopbackPlatform` to the hub."""

    workspace = "here"
    capabilities = frozenset(Capability)

    def __init__(self, rooms: LoopbackPlatform, platform: str = PLATFORM) -> None:
        self._rooms = rooms
        self.platform = platform

    async def connect(self) -> None:
        """Nothing can fail: the platform is in this process."""

    async def run(self, intake: Intake, desk: Desk) -> None:
        """Hand over everything that happens from now on."""
        fresh: asyncio.Queue[Happening] = asyncio.Queue()
        self._rooms.listeners.append(fresh)
        try:
            intake.listening()
            while True:
                happening = await fresh.get()
                intake.seen()
                await intake.accept(_raw(happening))
        finally:
            self._rooms.listeners.remove(fresh)

    async def probe(self) -> None:
        """There is no connection that could die."""

    async def resolve(self, remote: str) -> RemoteChannel:
        """Rooms have no other names than their ids."""
        return RemoteChannel(remote, remote, remote in self._rooms.private)

    async def channels(self) -> Sequence[RemoteChannel]:
        """Return the rooms that somebody has written in."""
        return [await self.resolve(room) for room in self._rooms.rooms()]

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Hand over the room's posts behind the watermark, and some before: a gap can be between two that arrived."""
        posts = self._rooms.after(None, channel.remote_channel)
        since = [post for post in posts if post.at >= channel.linked_at]
        fresh = [post for post in since if channel.watermark is None or post.id > channel.watermark]
        first = len(posts) - len(since) - channel.earlier if channel.watermark is None else len(posts) - len(since)
        for post in posts[max(0, first, len(posts) - len(fresh) - _OVERLAP) :]:
            await intake.accept(_raw(Happening(post.id, post.room, "post", post.author, post.shown())))

    async def sweep(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """Tell how each post of the window is now."""
        there = {post.id: post for post in self._rooms.posts}
        for remote_id in window.remote_ids:
            post = there.get(remote_id)
            reactions = post.reactions if post else frozenset()
            marks = frozenset((_user(by), emoji) for by, emoji in reactions if by != US)
            message = _message(post.author, post.shown()) if post else None
            yield inbound.Current(remote_id, message, marks)

    async def decode(self, payload: dict[str, Any], names: Names) -> inbound.Inbound | None:
        """Drop what the bridge did itself."""
        happening = Happening(**payload)
        if happening.by == US or happening.detail.get("token"):
            return None
        return _decoded(happening)

    async def download(self, file: inbound.File) -> AsyncIterator[bytes]:
        """Yield a file's bytes; its source is `post id/name`."""
        post_id, _, name = file.source.partition("/")
        try:
            content = dict(self._rooms.post(post_id).files)[name]
        except LookupError as error:
            raise Refused(f"the file {name} is gone") from error
        yield content

    def divide(self, text: str, author: outbound.Author | None) -> list[str]:
        """Cut by characters."""
        return split(text, PART_LENGTH)

    async def post(self, post: outbound.Post, names: Names) -> str:
        """Write the piece into the room."""
        files = tuple([(file.name, b"".join([piece async for piece in file.read()])) for file in post.files])
        return self._rooms.write(
            post.remote_channel,
            post.author.name if post.author else US,
            post.text,
            thread_id=post.thread.remote_id if post.thread else None,
            token=post.token,
            files=files,
            notice=post.notice,
            unfinished=post.unfinished,
        ).id

    async def find_sent(self, post: outbound.Post) -> str | None:
        """Look for the token; what is found is finished."""
        posts = self._rooms.after(post.sent_after, post.remote_channel)
        found = next((it for it in posts if it.token == post.token and it.id not in post.taken), None)
        if found is not None and found.unfinished:
            self._rooms.edit(found.id, post.text, US)
        return None if found is None else found.id

    async def change(self, change: outbound.Change, names: Names) -> None:
        """Do it in the room."""
        try:
            match change:
                case outbound.Edit():
                    self._rooms.edit(change.target.remote_id or "", change.text, US, unfinished=change.unfinished)
                case outbound.Delete():
                    self._rooms.delete(change.target.remote_id or "", US)
                case outbound.React():
                    self._rooms.react(change.target.remote_id or "", US, change.emoji, added=change.added)
                case outbound.Topic():
                    self._rooms.set_topic(change.remote_channel, change.text, US)
        except LookupError as error:
            raise Gone("the post is gone") from error

    def in_words(self, changes: Sequence[outbound.Change]) -> str | None:
        """Everything can be shown, so this is not asked; in case it is."""
        return plainly(changes)

    async def show_working(self, working: outbound.Working) -> None:
        """Nobody watches the rooms."""

    async def close(self) -> None:
        """There is no connection to close."""


def loopback_platform(rooms: LoopbackPlatform, name: str = PLATFORM) -> Platform:
    """Return what the relay needs to run a loopback bridge."""
    return Platform(name, lambda: LoopbackBridge(rooms, name))


def _raw(happening: Happening) -> RawEvent:
    key = f"{happening.kind}:{happening.number}"
    return RawEvent(key, happening.room, happening.number, asdict(happening))


def _decoded(happening: Happening) -> inbound.Inbound | None:  # noqa: PLR0911 - one for each kind
    detail, by = happening.detail, _user(happening.by)
    match happening.kind:
        case "post":
            return _message(happening.by, detail)
        case "edit":
            return inbound.Edit(detail["id"], detail["text"], _version(detail["version"]))
        case "delete":
            return inbound.Delete(detail["id"], by)
        case "react":
            return inbound.React(detail["id"], by, detail["emoji"], added=detail["added"])
        case "topic":
            return inbound.Topic(by, detail["text"])
        case "member":
            return inbound.Member(by, joined=detail["joined"])
    return None


def _message(author: str, shown: dict[str, Any]) -> inbound.Message:
    files = tuple(inbound.File(name, None, size, f"{shown['id']}/{name}") for name, size in shown["files"])
    return inbound.Message(
        remote_id=shown["id"],
        author=_user(author),
        text=shown["text"],
        thread_id=shown["thread_id"],
        files=files,
        version=_version(shown["version"]) if shown["version"] else "",
    )


def _user(name: str) -> inbound.User:
    return inbound.User(name, name)


def _version(number: int) -> str:
    return f"{number:06d}"
