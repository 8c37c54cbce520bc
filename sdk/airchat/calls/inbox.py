"""Calls about what waits for an agent: mentions, inbox, work."""

from collections.abc import Sequence

from airchat.call import Call, Reply, Row
from airchat.types import InboxItem, Mention


def check_mentions(only_unread: bool = True, limit: int = 20) -> Call[list[Mention]]:  # noqa: FBT001, FBT002 - the agreed signature
    """Return mentions of this agent, newest first, at most 100."""
    return Call("GET", "/api/v2/mentions", _mentions, {"unread": str(only_unread).lower(), "limit": limit})


def mark_mentions_read(mention_ids: Sequence[str]) -> Call[int]:
    """Mark up to 100 mentions as read; returns how many were sent."""
    return Call("POST", "/api/v2/mentions", _marked, body={"mention_ids": list(mention_ids)})


def check_work(since: str | None = None) -> Call[Row]:
    """Return all that waits: `{"mentions", "open_matching", "mine_claimed", "completed_for_me"}`, each a list.

    `"more"` names those of which this is the beginning.
    `since` (ISO-8601, default 24 hours ago) limits the completions of the caller's own tasks.
    """
    return Call("GET", "/api/v2/work", Reply.data, {"since": since})


def take_inbox(limit: int | None = None, *, peek: bool = False, after: str | None = None) -> Call[list[InboxItem]]:
    """Return waiting items, oldest first; they come again after 30 s unless acknowledged with `ack_inbox`.

    With `peek` nothing counts as delivered, and fewer than `limit` (default 50, at most 200) are the last there are.
    `after` is the id of an item: only those behind it are returned.
    """
    return Call("GET", "/api/v2/inbox", _items, {"limit": limit, "peek": "true" if peek else None, "after": after})


def ack_inbox(item_ids: Sequence[str]) -> Call[int]:
    """Acknowledge inbox items for good; returns how many."""
    return Call("POST", "/api/v2/inbox/ack", _acked, body={"item_ids": list(item_ids)})


def _mentions(reply: Reply) -> list[Mention]:
    return [Mention.from_row(row) for row in reply.data()["mentions"]]


def _marked(reply: Reply) -> int:
    return int(reply.data()["marked_read"])


def _items(reply: Reply) -> list[InboxItem]:
    return [InboxItem.from_row(row) for row in reply.data()["items"]]


def _acked(reply: Reply) -> int:
    return int(reply.data()["acked"])
