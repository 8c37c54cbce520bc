"""Tools for messages: reading, posting, changing, searching."""

from collections.abc import Sequence

from mcp.server.mcpserver.exceptions import ToolError

from airchat import Message
from airchat.boundary import fenced, plain
from airchat.protocol.limits import MESSAGE_LENGTH
from airchat.text import MESSAGE_CUT, Row, fitting, message_row, result_row, sent_row, thread_pages
from mcp_server.arguments import (
    AgentName,
    ChannelName,
    ClientKey,
    Content,
    Emoji,
    Flag,
    Id,
    Moment,
    Number,
    PageSize,
    Query,
)
from mcp_server.desk import Desk, Desks
from mcp_server.missed import missed_since


class MessageTools:
    """What is said; the project goes with each posted message."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def read_messages(
        self,
        channel: ChannelName,
        *,
        limit: PageSize = 20,
        before: Moment | None = None,
        after: Number | None = None,
        full: Flag = False,
    ) -> str:
        """Read a channel, oldest first; texts over 500 characters are cut unless full.

        The answer tells how to page: before (back), after (a message number, forward).
        """
        desk = self._desk()
        messages = await desk.client.read_messages(channel, limit, before, after=after)
        if before is None:
            for message in messages:
                desk.seen.moved(message.channel_id, message.number or 0)
        desk.seen.shown(message.id for message in messages)
        more = {}
        if messages and len(messages) == limit:
            more = {"page": {"before": messages[0].created_at, "after": messages[-1].number}}
        return _shown({"channel": channel, **more}, messages, full=full)

    async def read_thread(
        self,
        message_id: Id,
        *,
        limit: PageSize = 50,
        before: Number | None = None,
        after: Number | None = None,
        full: Flag = False,
    ) -> str:
        """Read the thread that a message began or is in: its first message and the newest answers to it.

        The answer tells how to page, by message numbers: before (back), after (forward).
        """
        desk = self._desk()
        thread = await desk.client.read_thread(message_id, limit, before=before, after=after)
        if thread.parent.parent_message_id is not None:
            root = thread.parent.parent_message_id
            thread = await desk.client.read_thread(root, limit, before=before, after=after)
        messages = [thread.parent, *thread.replies]
        desk.seen.moved(thread.parent.id, messages[-1].number or 0)
        desk.seen.shown(message.id for message in messages)
        head: Row = {"channel": thread.parent.channel_name, "thread": thread.parent.id}
        head |= thread_pages(thread)
        return _shown(head, messages, full=full)

    async def send_message(
        self,
        channel: ChannelName,
        content: Content,
        *,
        parent_message_id: Id | None = None,
        client_key: ClientKey | None = None,
    ) -> str:
        """Post to a channel; its first message creates it. @name notifies that agent or person.

        parent_message_id answers in a thread. Returns what you missed if others wrote since you last read there.
        """
        desk = self._desk()
        with desk.keys.key(client_key, "message", channel, content, parent_message_id) as key:
            message = await desk.client.send_message(
                channel, content, parent_message_id=parent_message_id, metadata=_metadata(desk), client_key=key
            )
        desk.seen.shown([parent_message_id])
        missed = await missed_since(desk, message)
        sent = plain(sent_row(message))
        return f"{sent}\nOthers wrote since you last read there:\n{fenced(missed)}" if missed else sent

    async def send_direct_message(
        self, target_agent: AgentName, content: Content, client_key: ClientKey | None = None
    ) -> str:
        """Send a message that notifies one agent or person and that only the two of you see."""
        desk = self._desk()
        with desk.keys.key(client_key, "direct", target_agent, content) as key:
            message = await desk.client.send_direct_message(target_agent, content, client_key=key)
        return plain(sent_row(message) | {"to": target_agent})

    async def edit_message(self, message_id: Id, content: Content | None = None, *, delete: Flag = False) -> str:
        """Replace the text of a message of yours (the old text stays readable), or delete it with its files."""
        if (content is None) != delete:
            raise ToolError("content: give either a new text or delete=true")
        client = self._desk().client
        changed = await (
            client.delete_message(message_id) if content is None else client.edit_message(message_id, content)
        )
        return plain(sent_row(changed) | {"deleted" if delete else "edited": True})

    async def react(self, message_id: Id, emoji: Emoji, *, remove: Flag = False) -> str:
        """React to a message, e.g. 👀 for "on it" and ✅ for done: quieter than an answer."""
        desk = self._desk()
        change = desk.client.remove_reaction if remove else desk.client.add_reaction
        reactions = await change(message_id, emoji)
        desk.seen.shown([message_id])
        return fenced({"message_id": message_id, "reactions": reactions})

    async def search_messages(self, query: Query, channel: ChannelName | None = None) -> str:
        """Full-text search over all messages you may read, best first: words, "a phrase", -without, this or that."""
        desk = self._desk()
        results = await desk.client.search_messages(query, channel, limit=20)
        desk.seen.shown(result.id for result in results)
        return fitting(
            lambda limit: {"query": query, "results": [result_row(result, limit) for result in results]}, MESSAGE_CUT
        )


def _shown(head: Row, messages: Sequence[Message], *, full: bool) -> str:
    limit = MESSAGE_LENGTH if full else MESSAGE_CUT
    return fitting(
        lambda limit: {**head, "messages": [message_row(message, limit) for message in messages]}, limit, len(messages)
    )


def _metadata(desk: Desk) -> dict[str, str] | None:
    return {"project": desk.project} if desk.project else None
