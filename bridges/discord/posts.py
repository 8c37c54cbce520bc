"""Posting: one call to the channel's webhook, in the author's name."""

from collections.abc import Sequence
from typing import Any

from airchat.protocol.limits import length
from bridges.discord import components, ids
from bridges.discord.errors import (
    BAD_WEBHOOK_TOKEN,
    NO_THREAD,
    THREAD_EXISTS,
    TOO_LARGE,
    UNKNOWN_WEBHOOK,
    Refusal,
    posting,
)
from bridges.discord.guild import Guild
from bridges.discord.readable import escaped
from bridges.discord.rest import Rest
from bridges.discord.text import MESSAGES, QUOTE, TEXT_LENGTH, TITLE_LENGTH, Texts
from bridges.discord.uploads import PER_MESSAGE
from bridges.discord.webhooks import Webhooks, user_name
from hub.relay.contract.bridge import Names
from hub.relay.contract.errors import NotReady
from hub.relay.contract.outbound import File, Post, Reference

Body = dict[str, Any]

_SILENT = 1 << 12
_DAYS_OPEN = 3 * 24 * 60
_EXCERPT_LENGTH = 150


class Posts:
    """Posts into the channels of one guild."""

    def __init__(self, rest: Rest, guild: Guild, webhooks: Webhooks, texts: Texts) -> None:
        self._rest = rest
        self._guild = guild
        self._webhooks = webhooks
        self._texts = texts

    async def post(self, post: Post, names: Names) -> str:
        """Post one piece and return its remote id.

        Raises:
            BridgeError: NotReady, OutcomeUnknown, Refused or AuthFailed.
        """
        with posting():
            body = await self._execute(post, names)
        return ids.remote_id(body["id"], body["channel_id"], post.remote_channel)

    # -- posting ---------------------------------------------------------------------------------

    async def _execute(self, post: Post, names: Names) -> Body:
        """Post; when it cannot be in the thread, or with the files, then without: a refusal has posted nothing."""
        thread = await self._thread(post)
        upload = self._uploads(post.files)
        while True:
            body = self._body(post, names, thread, upload)
            try:
                return await self._send(post, body, thread, upload)
            except Refusal as error:
                if error.code == TOO_LARGE and upload:
                    upload = []
                elif thread is not None and error.code in NO_THREAD:
                    self._guild.forget_channel(thread)
                    thread = None
                else:
                    raise

    async def _send(self, post: Post, body: Body, thread: str | None, upload: Sequence[File]) -> Body:
        home = post.remote_channel
        if post.author is None:
            nonce = {"nonce": post.token[-25:], "enforce_nonce": True}
            path = f"/channels/{thread or home}/messages"
            return dict(await self._rest.send("POST", path, body | nonce, files=upload))
        hook = await self._webhooks.of(home)
        query: dict[str, str | int] = {"wait": "true", "with_components": "true"}
        if thread is not None:
            query["thread_id"] = thread
        try:
            answer = await self._rest.send("POST", hook.path, body, files=upload, query=query)
        except Refusal as error:
            if error.code in {UNKNOWN_WEBHOOK, BAD_WEBHOOK_TOKEN}:
                self._webhooks.forget(home)
                raise NotReady("the channel's webhook was deleted; another one is made", 0.0) from error
            raise
        return dict(answer)

    def _body(self, post: Post, names: Names, thread: str | None, upload: Sequence[File]) -> Body:
        resolver = self._texts.outwards(names)
        text = self._texts.to_discord(post.text, resolver)
        quote = self._quote(post, thread)
        content = f"{quote}\n{text}".strip() if length(quote) + length(text) < TEXT_LENGTH else text
        body: Body = {"content": content, "allowed_mentions": resolver.allowed}
        if post.author is not None:
            body["username"] = user_name(post.author.name)
            if (post.author.avatar_url or "").startswith("https://"):
                body["avatar_url"] = post.author.avatar_url
        if post.buttons:
            body["components"] = components.rows(post.buttons)
        if linked := [_link(file) for file in post.files if file not in upload]:
            body["embeds"] = [{"description": "\n".join(linked)[:4096]}]
        if post.notice:
            body["flags"] = _SILENT
        channel = self._guild.channel(post.remote_channel)
        if thread is None and channel is not None and channel.forum:
            body["thread_name"] = (
                self._texts.title(post.text) or (post.files[0].name if post.files else "…")[:TITLE_LENGTH]
            )
            body["applied_tags"] = [channel.tag] if channel.tag else []
        return body

    def _uploads(self, files: Sequence[File]) -> list[File]:
        """Return the files that Discord takes; the others are linked to."""
        taken: list[File] = []
        room = self._guild.upload_bytes
        for file in files:
            if file.size <= room and len(taken) < PER_MESSAGE:
                taken.append(file)
                room -= file.size
        return taken

    # -- threads and answers -----------------------------------------------------------------------

    async def _thread(self, post: Post) -> str | None:
        """Return the thread to post into, begun if need be; None for the channel itself."""
        root = post.thread.remote_id if post.thread else None
        if root is None:
            return None
        message_id, _, within = root.partition("@")
        if within or self._guild.is_forum(post.remote_channel) or self._guild.has_thread(message_id):
            return within or message_id
        assert post.thread is not None  # noqa: S101 - it has a remote id
        name = self._texts.title(post.thread.excerpt) or "thread"
        path = f"/channels/{post.remote_channel}/messages/{message_id}/threads"
        try:
            await self._rest.send("POST", path, {"name": name, "auto_archive_duration": _DAYS_OPEN})
        except Refusal as error:
            if error.code != THREAD_EXISTS:
                return None  # it is answered in the channel then
        self._guild.began(message_id, post.remote_channel)
        return message_id

    def _quote(self, post: Post, thread: str | None) -> str:
        """Return a line that shows what is answered, where being in the thread does not."""
        answered = post.reply_to or post.thread
        if answered is None or answered.remote_id is None:
            return ""
        if thread is not None and answered.remote_id.partition("@")[0] == thread:
            return ""
        return self._quoted(answered, post.remote_channel)

    def _quoted(self, answered: Reference, home: str) -> str:
        place, message_id = ids.place_of(answered.remote_id or "", home, forum=self._guild.is_forum(home))
        excerpt = self._texts.plainly(answered.excerpt[:_EXCERPT_LENGTH])
        words = " ".join(f"{self._texts.plainly(answered.author_name)}: {excerpt}".split())
        return f"{QUOTE}{words} <{MESSAGES}/{self._guild.id}/{place}/{message_id}>"


def _link(file: File) -> str:
    """Return how a file is shown that Discord does not take."""
    size = f"{escaped(file.name)} ({file.size / 1024 / 1024:.1f} MiB)"
    return f"{size}: {file.url}" if file.url else f"{size}: too large for Discord"
