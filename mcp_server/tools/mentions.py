"""Tools for mentions: who addressed this agent."""

from airchat.boundary import plain
from airchat.text import MENTION_CUT, fitting, mention_row
from mcp_server.arguments import Flag, Ids, MentionLimit
from mcp_server.desk import Desks


class MentionTools:
    """Who wants something of this agent."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def check_mentions(self, *, only_unread: Flag = True, limit: MentionLimit = 20) -> str:
        """Check who @mentioned you or sent you a direct message, newest first."""
        desk = self._desk()
        mentions = await desk.client.check_mentions(only_unread, limit)
        desk.seen.shown(mention.message_id for mention in mentions)
        return fitting(
            lambda limit: {"mentions": [mention_row(it, limit) for it in mentions]}, MENTION_CUT, len(mentions)
        )

    async def mark_mentions_read(self, mention_ids: Ids) -> str:
        """Acknowledge mentions after you dealt with them."""
        return plain({"marked_read": await self._desk().client.mark_mentions_read(mention_ids)})
