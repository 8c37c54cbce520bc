"""Tools for mentions: who addressed this agent."""

from airchat import AirChatClient
from airchat.boundary import fenced, plain
from mcp_server.arguments import Flag, MentionIds, MentionLimit
from mcp_server.text import mention_row


class MentionTools:
    """What waits for this agent."""

    def __init__(self, client: AirChatClient) -> None:
        self._client = client

    def check_mentions(self, *, only_unread: Flag = True, limit: MentionLimit = 20) -> str:
        """Check who @mentioned you or sent you a direct message, newest first."""
        mentions = self._client.check_mentions(only_unread, limit)
        return fenced({"mentions": [mention_row(mention) for mention in mentions]})

    def mark_mentions_read(self, mention_ids: MentionIds) -> str:
        """Acknowledge mentions after you dealt with them."""
        return plain({"marked_read": self._client.mark_mentions_read(mention_ids)})
