"""Finding what a call of an unclear outcome has posted.

A webhook's message carries nothing of ours that could be looked for: it is known by who posted it, under which name,
and by what it says.
"""

from collections.abc import AsyncIterator
from typing import Any

from airchat.protocol.timestamps import MINUTE
from bridges.discord import ids
from bridges.discord.guild import Guild
from bridges.discord.history import Pages
from bridges.discord.messages import Messages
from bridges.discord.text import Texts, is_quoting, shape
from bridges.discord.webhooks import user_name
from hub.relay.contract.outbound import Post

_CLOCKS_DIFFER = 10 * MINUTE
"""By how much Discord's clock may differ from the hub's."""


class Sent:
    """Looks through channels for posts."""

    def __init__(self, guild: Guild, texts: Texts, messages: Messages, pages: Pages) -> None:
        self._guild = guild
        self._texts = texts
        self._messages = messages
        self._pages = pages

    async def find(self, post: Post) -> str | None:
        """Return the remote id of a post, None when it is not there.

        Raises:
            BridgeError: it cannot be looked for now.
        """
        earliest = ids.newest_before(post.attempted_at - _CLOCKS_DIFFER)
        since = max(earliest, ids.snowflake_of(post.sent_after) if post.sent_after else 0)
        async for body in self._candidates(post, since):
            remote_id = ids.remote_id(body["id"], body["channel_id"], post.remote_channel)
            if remote_id not in post.taken and self._is(post, body):
                return remote_id
        return None

    async def _candidates(self, post: Post, since: int) -> AsyncIterator[dict[str, Any]]:
        """Yield the messages since then of wherever the post can have gone."""
        home, root = post.remote_channel, post.thread.remote_id if post.thread else None
        if root is not None:
            message_id, _, within = root.partition("@")
            async for body in self._pages.after(within or message_id, since):
                yield body
        if not self._guild.is_forum(home):
            async for body in self._pages.after(home, since):
                yield body
            return
        for thread in await self._pages.threads(home, since):
            if int(thread) > since:
                async for body in self._pages.after(thread, int(thread) - 1):
                    yield body

    def _is(self, post: Post, body: dict[str, Any]) -> bool:
        if not self._messages.is_ours(body):
            return False
        if post.author is not None and body["author"]["username"] != user_name(post.author.name):
            return False
        content = str(body["content"])
        astray = post.thread is not None and body["channel_id"] == post.remote_channel
        if (astray and not is_quoting(content)) or shape(content) != shape(self._texts.plainly(post.text)):
            return False
        return bool(post.text.strip()) or {it["filename"] for it in body["attachments"]} <= {
            it.name for it in post.files
        }
