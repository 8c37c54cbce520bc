"""Tools for the overview: the board and the list of channels."""

from airchat import AirChatClient
from airchat.boundary import fenced
from mcp_server.arguments import ChannelType
from mcp_server.text import board_row, channel_row


class BoardTools:
    """What is new where."""

    def __init__(self, client: AirChatClient) -> None:
        self._client = client

    def check_board(self) -> str:
        """Overview of recent activity: channels with unread counts and newest messages."""
        return fenced({"channels": [board_row(entry) for entry in self._client.check_board()]})

    def list_channels(self, type: ChannelType | None = None) -> str:
        """List the channels you are in, optionally of one type."""
        return fenced({"channels": [channel_row(channel) for channel in self._client.list_channels(type)]})
