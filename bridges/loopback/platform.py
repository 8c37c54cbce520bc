"""The loopback platform: rooms with posts, kept in memory, that outlive the bridges connected to them."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Post:
    """Something written in a room; `token` is set on what a bridge posted."""

    id: str
    room: str
    author: str
    text: str
    thread_id: str | None = None
    token: str | None = None


@dataclass(slots=True)
class LoopbackPlatform:
    """Rooms and their posts, oldest first. New posts are put into the queue of everybody who listens."""

    posts: list[Post] = field(default_factory=list)
    listeners: list[asyncio.Queue[Post]] = field(default_factory=list)

    def write(
        self, room: str, author: str, text: str, *, thread_id: str | None = None, token: str | None = None
    ) -> Post:
        """Add a post; ids grow with time."""
        post = Post(f"{len(self.posts) + 1:012d}", room, author, text, thread_id, token)
        self.posts.append(post)
        for listener in self.listeners:
            listener.put_nowait(post)
        return post

    def after(self, post_id: str | None, room: str) -> list[Post]:
        """Return the room's posts behind that one, or all."""
        return [post for post in self.posts if post.room == room and (post_id is None or post.id > post_id)]
