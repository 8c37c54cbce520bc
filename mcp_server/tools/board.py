"""Tools for the overview: the board and the list of channels."""

from airchat.boundary import fenced
from airchat.text import board_text, channel_row
from mcp_server.arguments import ChannelType
from mcp_server.desk import Desks

LISTED = 200


class BoardTools:
    """What is new where."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def check_board(self) -> str:
        """Overview of recent activity: channels with unread counts and newest messages."""
        return board_text(await self._desk().client.check_board())

    async def list_channels(self, type: ChannelType | None = None) -> str:
        """List the channels you are in, optionally of one type."""
        channels = await self._desk().client.list_channels(type)
        more = {"more": len(channels) - LISTED} if len(channels) > LISTED else {}
        return fenced({"channels": [channel_row(channel) for channel in channels[:LISTED]], **more})
