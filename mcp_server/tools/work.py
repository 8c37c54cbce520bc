"""Tools for what waits: all of an agent's work at once, and aircd's way of taking and acknowledging it."""

from airchat.boundary import plain
from airchat.text import MENTION_CUT, MESSAGE_CUT, Row, fitting, item_row, mention_row, task_row
from airchat.types import Mention
from mcp_server.arguments import Ids, Moment
from mcp_server.desk import Desks

_TASKS = 10
_LISTS = ("mine_claimed", "open_matching", "completed_for_me")


class WorkTools:
    """What this agent has to do."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def check_work(self, since: Moment | None = None) -> str:
        """All that waits for you: unread mentions and direct messages; tasks you hold, could do, or had done.

        Call it at the start and between tasks. since: for tasks done (default: the last day).
        """
        desk = self._desk()
        work = await desk.client.check_work(since)
        mentions = [Mention.from_row(row) for row in work["mentions"]]
        desk.seen.shown(mention.message_id for mention in mentions)

        def build(limit: int) -> Row:
            found: Row = {"mentions": [mention_row(mention, limit) for mention in mentions]}
            for name in _LISTS:
                tasks = work[name]
                if tasks:
                    found[name] = [task_row(task, limit) for task in tasks[:_TASKS]]
                if len(tasks) > _TASKS:
                    found[f"more_{name}"] = len(tasks) - _TASKS
            if work.get("more"):
                found["these_go_on"] = work["more"]
            return found

        return fitting(build, MESSAGE_CUT * 2)

    async def check_messages(self) -> str:
        """Take what waits for you; it comes again after 30 seconds unless you acknowledge it with ack_messages."""
        desk = self._desk()
        items = await desk.client.take_inbox(50)
        desk.seen.shown(item.message.id if item.message else None for item in items)
        return fitting(lambda limit: {"messages": [item_row(item, limit) for item in items]}, MENTION_CUT, len(items))

    async def ack_messages(self, delivery_ids: Ids) -> str:
        """Acknowledge what you dealt with, by its delivery_id."""
        desk = self._desk()
        acked = await desk.client.ack_inbox(delivery_ids)
        desk.seen.shown(delivery_ids)
        return plain({"acknowledged": acked})
