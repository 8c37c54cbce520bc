"""The tool that catches up: all that was not read, in one digest."""

import asyncio
from typing import Any

from mcp.server.mcpserver import Context

from airchat import BoardChannel, Message
from airchat.boundary import fenced
from airchat.protocol.limits import MENTION_IDS, MESSAGE_PAGE
from airchat.protocol.names import DIRECT_MESSAGES
from mcp_server.arguments import ChannelName
from mcp_server.desk import Desk, Desks
from mcp_server.digest import Unread, digest

PAGES = 15
"""How many pages of messages are looked at; what there is beyond is counted."""


class CatchUpTools:
    """What was said while the agent was away."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def catch_up(self, context: Context[Any, Any], channel: ChannelName | None = None) -> str:
        """Digest of all that is unread, or of one channel, which then counts as read: mentions, channels, threads.

        Links open the rest: read_messages with after, read_thread, or the chat:// resources.
        """
        desk = self._desk()
        board, mentions = await asyncio.gather(desk.client.check_board(), desk.client.check_mentions(limit=MENTION_IDS))
        entries = [entry for entry in board if entry.unread_count and channel in (None, entry.channel_name)]
        if channel is not None:
            mentions = [mention for mention in mentions if mention.channel == channel]
        unread, left = [], PAGES
        for done, entry in enumerate(sorted(entries, key=_count, reverse=True)):
            await context.report_progress(done, len(entries), f"reading #{entry.channel_name}")
            pages = min(left, -(-entry.unread_count // MESSAGE_PAGE))
            left -= pages
            unread.append(await _read(desk, entry, pages))
        found = digest(unread, mentions)
        desk.seen.shown(row["message_id"] for row in found.get("for_you", ()))
        desk.seen.shown(row["id"] for row in found.get("newest", ()))
        return fenced(found)


async def _read(desk: Desk, entry: BoardChannel, pages: int) -> Unread:
    """Return what was not read in a channel; the newest messages when there are more than fit into the pages."""
    name, count = entry.channel_name, entry.unread_count
    newest = (entry.latest_message.number if entry.latest_message else None) or count
    first = newest - count
    if not pages:
        return Unread(name, count, first, [])
    if name == DIRECT_MESSAGES:  # many conversations under one name: their numbers do not follow each other
        messages = await desk.client.read_messages(name, min(count, MESSAGE_PAGE))
    else:
        messages = await _pages(desk, name, max(first, newest - pages * MESSAGE_PAGE), pages)
    for message in messages:
        desk.seen.moved(message.channel_id, message.number or 0)
    return Unread(name, count, first, messages)


async def _pages(desk: Desk, channel: str, after: int, pages: int) -> list[Message]:
    messages: list[Message] = []
    for _ in range(pages):
        page = await desk.client.read_messages(channel, MESSAGE_PAGE, after=after)
        messages += page
        if len(page) < MESSAGE_PAGE:
            break
        after = page[-1].number or after
    return messages


def _count(entry: BoardChannel) -> int:
    return entry.unread_count
