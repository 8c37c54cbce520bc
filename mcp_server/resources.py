"""Resources: channels and threads to read in, as `chat://channel/<name>` and `chat://thread/<message id>`."""

import re
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp_types import Resource

from airchat import AirChatError, AirChatNotFound, Message
from airchat.protocol.ids import is_id
from airchat.protocol.names import is_name
from airchat.text import MESSAGE_CUT, board_text, fitting, message_row, thread_pages
from mcp_server.desk import Desks
from mcp_server.digest import channel_uri
from mcp_server.failures import explain

PAGE = 100
PATIENCE = 2.0
"""Seconds that a list of resources waits for the hub: clients ask for it before they can do anything else."""

_NUMBER = re.compile(r"\d{1,15}")


class Resources:
    """What can be read in."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    def add_to(self, server: MCPServer[Any]) -> None:
        """Have a server offer them."""
        offer = server.resource
        offer("chat://board", name="board", title="AirChat: what is new where")(self.board)
        offer("chat://channel/{channel}{?after}", name="channel", title="AirChat channel")(self.channel)
        offer("chat://thread/{message_id}", name="thread", title="AirChat thread")(self.thread)

    async def listed(self) -> list[Resource]:
        """Return the channels that the agent is in; none when the hub does not answer at once."""
        channels = []
        with anyio.move_on_after(PATIENCE):
            try:
                channels = await self._desk().client.list_channels()
            except AirChatError:
                return []
        return [
            Resource(uri=f"chat://channel/{channel.name}", name=f"#{channel.name}", mime_type="text/plain")
            for channel in channels
            if not channel.archived
        ]

    async def board(self) -> str:
        """Channels with unread counts and newest messages."""
        try:
            board = await self._desk().client.check_board()
        except AirChatError as error:
            raise ResourceError(explain(error)) from error
        return board_text(board)

    async def channel(self, channel: str, after: str | None = None) -> str:
        """The newest messages of a channel, or those above a message number."""
        if not is_name(channel) or (after is not None and not _NUMBER.fullmatch(after)):
            raise ResourceNotFoundError("A channel is chat://channel/<name>, with ?after=<message number> if you like")
        desk = self._desk()
        start = None if after is None else int(after)
        try:
            messages = await desk.client.read_messages(channel, PAGE, after=start)
        except AirChatError as error:
            raise _failure(error) from error
        for message in messages:
            desk.seen.moved(message.channel_id, message.number or 0)
        full = start is not None and len(messages) == PAGE
        more = {"next": channel_uri(channel, messages[-1].number or 0)} if full else {}
        return self._shown({"channel": channel, **more}, messages)

    async def thread(self, message_id: str) -> str:
        """A message and the answers to it."""
        if not is_id(message_id):
            raise ResourceNotFoundError("A thread is chat://thread/<id of its first message>")
        try:
            thread = await self._desk().client.read_thread(message_id, PAGE)
        except AirChatError as error:
            raise _failure(error) from error
        head = {"channel": thread.parent.channel_name, "thread": message_id} | thread_pages(thread)
        return self._shown(head, [thread.parent, *thread.replies])

    def _shown(self, head: dict[str, Any], messages: list[Message]) -> str:
        self._desk().seen.shown(message.id for message in messages)
        return fitting(
            lambda limit: head | {"messages": [message_row(message, limit) for message in messages]}, MESSAGE_CUT
        )


def _failure(error: AirChatError) -> ResourceError:
    kind = ResourceNotFoundError if isinstance(error, AirChatNotFound) else ResourceError
    return kind(explain(error))
