"""History: reading a channel up to where it was left, and finding in it what was posted."""

import logging
from dataclasses import dataclass

from bridges.slack.events import Json, is_own, raw_message
from bridges.slack.faces import authorship
from bridges.slack.marks import token_of
from bridges.slack.pages import Pages
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Intake, LinkedChannel
from hub.relay.contract.errors import Refused

_MICROS = 1_000_000
_OVERLAP_SECONDS = 600.0
_THREADS_SECONDS = 24 * 3600.0
_CLOCKS_DIFFER_SECONDS = 600.0
"""By how much Slack's clock may differ from the hub's."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Done:
    """What an interrupted reading has covered: from `top` down to `bottom`."""

    top: str
    bottom: str

    @classmethod
    def parse(cls, cursor: str | None) -> "_Done | None":
        top, _, bottom = (cursor or "").partition(":")
        return cls(top, bottom) if top and bottom else None

    def __str__(self) -> str:
        return f"{self.top}:{self.bottom}"


class History:
    """Reads what was said in the channels of one workspace."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> str | None:
        """Accept the channel's messages since a while before its watermark, page by page, the newest first.

        Returns the ts of the newest message there is.

        The overlap covers events that a lost connection swallowed between two that arrived. Replies are looked for in
        the threads of the day before.

        Raises:
            BridgeError: Slack cannot be read; what was read already is not read again.
        """
        linked = channel.linked_at / _MICROS
        since = max(linked, float(channel.watermark) - _OVERLAP_SECONDS) if channel.watermark else linked
        done = _Done.parse(channel.cursor)
        newest = await self._read(channel, intake, since, done)
        if channel.watermark is None and channel.earlier:
            await self._read_earlier(channel, intake, linked)
        return newest

    async def find(self, post: outbound.Post, own_ids: frozenset[str]) -> tuple[str, bool] | None:
        """Return the ts of a post by its token; one that is not in its thread counts too.

        A stream that was begun for it, and has no token yet, is told by True.
        """
        since = oldest_possible(post.attempted_at, post.sent_after)
        channel, thread = post.remote_channel, post.thread.remote_id if post.thread else None
        begun: str | None = None
        if thread is not None:
            try:
                async for message in self._pages.replies(channel, thread, since):
                    if is_post(message, post):
                        return str(message["ts"]), False
                    if is_begun(message, post, own_ids):
                        begun = str(message["ts"])
            except Refused as error:  # the thread is gone
                _log.info("a thread in Slack cannot be looked through: %s", error)
        if begun is not None:
            return begun, True
        async for page in self._pages.history(channel, since):
            for message in page:
                if is_post(message, post):
                    return str(message["ts"]), False
        return None

    async def _read(self, channel: LinkedChannel, intake: Intake, since: float, done: _Done | None) -> str | None:
        """Read from the newest message down; what an interrupted reading has covered is skipped."""
        floor, latest = since - _THREADS_SECONDS, None
        top: str | None = None
        while True:
            skip = False
            async for page in self._pages.history(channel.remote_channel, floor, latest, pressing=channel.pressing):
                top = top or next((message["ts"] for message in page), None)
                for message in page:
                    if done is not None and message["ts"] <= done.top:
                        skip = True
                        break
                    await self._take(channel, intake, message, since)
                if skip or not page:
                    break
                if top is not None:
                    await intake.save_cursor(channel, str(_Done(top, page[-1]["ts"])))
            if not skip or done is None:
                return top
            latest, done = done.bottom, None

    async def _take(self, channel: LinkedChannel, intake: Intake, message: Json, since: float) -> None:
        await _accept(channel, message, since, intake)
        if float(message.get("latest_reply") or 0) > since:
            replies = self._pages.replies(channel.remote_channel, message["ts"], since, pressing=channel.pressing)
            async for reply in replies:
                await _accept(channel, reply, since, intake)

    async def _read_earlier(self, channel: LinkedChannel, intake: Intake, linked: float) -> None:
        """Accept the newest messages from before the link, with their threads."""
        left = channel.earlier
        before, limit = f"{linked:.6f}", min(left, 200)
        async for page in self._pages.history(channel.remote_channel, 0.0, before, limit, channel.pressing):
            for message in page[:left]:
                await self._take(channel, intake, message, 0.0)
            left -= len(page)
            if left <= 0:
                return


def oldest_possible(attempted_at: int, sent_after: str | None) -> float:
    """Return from when on (seconds) something can be that was attempted then, and posted after that ts."""
    earliest = attempted_at / _MICROS - _CLOCKS_DIFFER_SECONDS
    return max(earliest, float(sent_after)) if sent_after else earliest


def is_post(message: Json, post: outbound.Post) -> bool:
    """Tell whether a message is that post: by its token, or where files alone can carry none, by what it looks like."""
    if message.get("ts") in post.taken:
        return False
    if post.token in {token_of(message), *(block.get("block_id") for block in message.get("blocks") or ())}:
        return True
    if not post.files or post.text.strip():
        return False
    names = [file.get("title") or file.get("name") for file in message.get("files") or ()]
    author = authorship(post.author).get("username")
    return names == [file.name for file in post.files] and author in {None, message.get("username")}


def is_begun(message: Json, post: outbound.Post, own_ids: frozenset[str]) -> bool:
    """Tell whether a message in the post's thread is a stream that was begun for it.

    It has the post's task. Where Slack does not show that, it is what nothing else of ours can be: it has neither token
    nor files, and is known as no other message's.
    """
    if post.files or token_of(message) is not None or not is_own(message, own_ids) or message["ts"] in post.taken:
        return False
    tasks = {block["task_id"] for block in message.get("blocks") or () if block.get("task_id")}
    if tasks:
        return (post.message_id or post.token) in tasks
    author = authorship(post.author).get("username")
    return not message.get("files") and not message.get("text") and author in {None, message.get("username")}


async def _accept(channel: LinkedChannel, message: Json, since: float, intake: Intake) -> None:
    raw = raw_message(channel.remote_channel, message)
    if raw is not None and float(raw.order_key) > since:
        await intake.accept(raw)
