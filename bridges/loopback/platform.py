"""The loopback platform: rooms with posts, kept in memory, that outlive the bridges connected to them.

It has what a platform has: everything that happens is an event with a growing number, listeners hear of it, posts keep
who hung which emoji on them, and files can be fetched.
"""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Post:
    """Something written in a room. `token` is set on what a bridge posted; `version` counts its edits.

    `reactions` are (user, emoji), `files` (name, bytes); `at` is when it was written, in microseconds. One that is
    `unfinished` is shown as being written.
    """

    id: str
    room: str
    author: str
    text: str
    thread_id: str | None = None
    token: str | None = None
    version: int = 0
    files: tuple[tuple[str, bytes], ...] = ()
    reactions: frozenset[tuple[str, str]] = frozenset()
    notice: bool = False
    at: int = 0
    unfinished: bool = False

    def shown(self) -> dict[str, Any]:
        """Return the post as an event tells of it: without its files' bytes, and without reactions."""
        files = [(name, len(content)) for name, content in self.files]
        return {
            "id": self.id,
            "text": self.text,
            "thread_id": self.thread_id,
            "token": self.token,
            "version": self.version,
            "files": files,
        }


@dataclass(frozen=True, slots=True)
class Happening:
    """An event: `kind` says what `detail` holds; `by` is who did it."""

    number: str
    room: str
    kind: str
    by: str
    detail: dict[str, Any]


@dataclass(slots=True)
class LoopbackPlatform:
    """Rooms and their posts, oldest first. What happens is put into the queue of everybody who listens."""

    posts: list[Post] = field(default_factory=list)
    listeners: list[asyncio.Queue[Happening]] = field(default_factory=list)
    topics: dict[str, str] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    _count: int = 0

    def write(
        self,
        room: str,
        author: str,
        text: str,
        *,
        thread_id: str | None = None,
        token: str | None = None,
        files: tuple[tuple[str, bytes], ...] = (),
        notice: bool = False,
        unfinished: bool = False,
    ) -> Post:
        """Add a post; ids grow with time."""
        at = time.time_ns() // 1_000
        post = Post(
            self._number(), room, author, text, thread_id, token,
            files=files, notice=notice, at=at, unfinished=unfinished,
        )  # fmt: skip
        self.posts.append(post)
        self._tell(post.id, room, "post", author, post.shown())
        return post

    def edit(self, post_id: str, text: str, by: str, *, unfinished: bool = False) -> Post:
        """Replace a post's text. Raises LookupError."""
        post = self.post(post_id)
        edited = self._put(replace(post, text=text, version=post.version + 1, unfinished=unfinished))
        self._tell(self._number(), post.room, "edit", by, {"id": post_id, "text": text, "version": edited.version})
        return edited

    def delete(self, post_id: str, by: str) -> None:
        """Take a post away. Raises LookupError."""
        post = self.post(post_id)
        self.posts.remove(post)
        self._tell(self._number(), post.room, "delete", by, {"id": post_id})

    def react(self, post_id: str, by: str, emoji: str, *, added: bool = True) -> None:
        """Hang an emoji on a post, or take it back; nothing happens when it is so. Raises LookupError."""
        post = self.post(post_id)
        mark = {(by, emoji)}
        after = post.reactions | mark if added else post.reactions - mark
        if after != post.reactions:
            self._put(replace(post, reactions=after))
            self._tell(self._number(), post.room, "react", by, {"id": post_id, "emoji": emoji, "added": added})

    def set_topic(self, room: str, text: str, by: str) -> None:
        """Give a room a topic."""
        self.topics[room] = text
        self._tell(self._number(), room, "topic", by, {"text": text})

    def member(self, room: str, user: str, *, joined: bool = True) -> None:
        """Let somebody come in, or go."""
        self._tell(self._number(), room, "member", user, {"joined": joined})

    def post(self, post_id: str) -> Post:
        """Return a post. Raises LookupError."""
        for post in self.posts:
            if post.id == post_id:
                return post
        raise LookupError(post_id)

    def after(self, number: str | None, room: str) -> list[Post]:
        """Return the room's posts that are newer than that, or all."""
        return [post for post in self.posts if post.room == room and (number is None or post.id > number)]

    def rooms(self) -> list[str]:
        """Return the rooms that somebody has written in."""
        return list(dict.fromkeys(post.room for post in self.posts))

    def _put(self, post: Post) -> Post:
        self.posts[self.posts.index(self.post(post.id))] = post
        return post

    def _tell(self, number: str, room: str, kind: str, by: str, detail: dict[str, Any]) -> None:
        for listener in self.listeners:
            listener.put_nowait(Happening(number, room, kind, by, detail))

    def _number(self) -> str:
        self._count += 1
        return f"{self._count:012d}"
