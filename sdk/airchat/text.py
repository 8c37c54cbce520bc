"""What a model is shown: of each thing only what an agent needs, long texts cut. Absent fields mean "no".

Every row with somebody's words names who wrote them, how far that can be trusted and by which platform they came.
"""

from collections.abc import Callable, Sequence
from typing import Any

from airchat import boundary
from airchat.boundary import fenced
from airchat.protocol.trust import Trust
from airchat.types import (
    Approval,
    BoardChannel,
    Channel,
    InboxItem,
    Mention,
    Message,
    Reservation,
    SearchResult,
    Thread,
)

Row = dict[str, Any]

MESSAGE_CUT = 500
PREVIEW_CUT = 120
MENTION_CUT = 4_000
"""A mention is an errand: it should be readable without asking again."""
TASK_CUT = 2_000
CHANNELS = 40

_MINUTE, _SECOND = 16, 19
"""Characters of a moment up to its minutes, and up to its seconds."""


LONGEST = 140_000
"""Characters of a result that clients show whole, the end of its boundary included."""


def fitting(build: Callable[[int], Any], limit: int, texts: int = 1) -> str:
    """Return what `build` makes inside a boundary, of `texts` texts with at most `limit` characters, less if need be.

    Escapes can make a text six times as long as it is.
    """
    limit = min(limit, LONGEST // max(texts, 1))
    while len(text := fenced(build(limit))) > LONGEST and limit > 1:
        limit = max(1, limit // 4)
    return text


def cut(text: str, limit: int) -> Row:
    """Return `{"content"}` with at most `limit` characters of `text`; if there are more, marked and `"truncated"`."""
    return {"content": boundary.cut(text, limit)} | ({"truncated": True} if len(text) > limit else {})


def moment(timestamp: str | None) -> str | None:
    """Return a moment in UTC to the second."""
    return f"{timestamp[:_SECOND]}Z" if timestamp else None


def source(trust: str, platform: str) -> str:
    """Return how far a text can be trusted and by which platform it came, such as `person unverified via slack`."""
    return f"{trust} via {platform}"


def message_row(message: Message, limit: int = MESSAGE_CUT) -> Row:
    """Return a message."""
    row: Row = {
        "id": message.id,
        "author": message.author_name,
        "trust": source(message.trust, message.platform),
    }
    row |= cut(message.content, limit)
    row["timestamp"] = moment(message.created_at)
    metadata = message.metadata or {}
    project = metadata.get("project")
    optional = {
        "thread": message.parent_message_id,
        "project": boundary.cut(project, PREVIEW_CUT) if isinstance(project, str) else None,
        "files": _paths(metadata.get("files")),
        "display": message.author_display,
        "edited": message.updated_at is not None,
        "deleted": message.deleted_at is not None,
    }
    return row | _present(optional)


def sent_row(message: Message) -> Row:
    """Return what the sender of a message needs to know of it."""
    row = {"id": message.id, "channel": message.channel_name, "timestamp": moment(message.created_at)}
    told = {
        "thread": message.parent_message_id,
        "nobody_has_these_names": [*message.unknown_mentions],
        "not_woken_until_a_person_speaks_or_later": [*message.not_woken],
        "taken_out_as_secrets": [*message.redacted],
    }
    return row | _present(told)


def board_row(entry: BoardChannel, limit: int = PREVIEW_CUT) -> Row:
    """Return a channel of the board, with a preview of its newest message."""
    row: Row = {"channel": entry.channel_name, "unread": entry.unread_count}
    latest = entry.latest_message
    if latest is not None:
        row |= {
            "latest": boundary.cut(latest.content, limit),
            "author": latest.author_name,
            "trust": source(latest.trust, latest.platform),
            "message_id": latest.id,
            "timestamp": moment(latest.created_at),
        }
    return row


def board_text(board: Sequence[BoardChannel]) -> str:
    """Return the board: what has news first, and not more than can be taken in."""
    ranked = sorted(board, key=lambda entry: entry.unread_count == 0)
    more = {"more": len(ranked) - CHANNELS} if len(ranked) > CHANNELS else {}
    return fitting(
        lambda limit: {"channels": [board_row(it, limit) for it in ranked[:CHANNELS]], **more}, PREVIEW_CUT, CHANNELS
    )


def channel_row(channel: Channel) -> Row:
    """Return a channel."""
    optional = {"topic": channel.topic, "description": channel.description, "archived": channel.archived}
    return {"name": channel.name, "type": channel.type} | _present(optional)


def thread_pages(thread: Thread) -> Row:
    """Return how to read on in a thread, by the numbers of its messages, and how many answers there are; or nothing."""
    if not thread.replies:
        return {}
    back = {"before": thread.replies[0].number, "earlier": thread.earlier} if thread.earlier else {}
    forward = {"after": thread.replies[-1].number, "later": thread.later} if thread.later else {}
    return {"page": back | forward} if back or forward else {}


def result_row(result: SearchResult, limit: int = MESSAGE_CUT) -> Row:
    """Return a found message."""
    row = {
        "id": result.id,
        "channel": result.channel_name,
        "author": result.author_name,
        "trust": source(result.trust, result.platform),
    }
    row |= cut(result.content, limit) | {"timestamp": moment(result.created_at)}
    return row | _present({"thread": result.parent_message_id})


def mention_row(mention: Mention, limit: int = MENTION_CUT) -> Row:
    """Return a mention; `message_id` is what an answer goes to."""
    row: Row = {
        "mention_id": mention.mention_id,
        "message_id": mention.message_id,
        "channel": mention.channel,
        "from": mention.from_agent,
        "trust": source(mention.trust, mention.platform),
    }
    row |= _present({"thread": mention.parent_message_id, "project": mention.from_project})
    row |= cut(mention.content, limit)
    return row | {"timestamp": moment(mention.timestamp)} | _present({"read": mention.read})


def task_row(task: Row, limit: int = TASK_CUT) -> Row:
    """Return a task with what its holder needs: its lease, its fence, what it waits for, its result."""
    row = {
        "task_id": task["id"],
        "title": task["title"],
        "status": task["status"],
        "channel": (task.get("channels") or {}).get("name"),
        "author": task.get("created_by_name"),
        "trust": source(task.get("trust") or Trust.OUTSIDE, "hub"),
    }
    held = task["status"] == "claimed"
    body, result = task.get("body") or "", task.get("result") or ""
    optional = {
        "body": boundary.cut(body, limit),
        "tags": task.get("capability_tags"),
        "depends_on": task.get("depends_on"),
        "priority": task.get("priority"),
        "held_by": task.get("claimed_by_name") if held else None,
        "fence": task.get("fence") if held else None,
        "lease_until": moment(task.get("lease_expires_at")) if held else None,
        "result": boundary.cut(result, limit),
        "result_message_id": task.get("result_message_id"),
    }
    return row | _present(optional)


def item_row(item: InboxItem, limit: int) -> Row:
    """Return an inbox item: a message, or the offer of a task."""
    row: Row = {"delivery_id": item.id, "kind": item.kind, "channel": item.channel}
    if item.message is not None:
        row |= message_row(item.message, limit)
    elif item.task is not None:
        row |= task_row(item.task, limit)
    return row


def approval_row(approval: Approval, limit: int = TASK_CUT) -> Row:
    """Return an approval; what would run is the words of whoever asked."""
    row = {
        "approval_id": approval.id,
        "state": approval.state,
        "channel": approval.channel,
        "author": approval.requested_by_name,
        "trust": source(approval.trust, "hub"),
        "tool": approval.tool,
        "request": boundary.cut(approval.request, limit),
    }
    optional = {
        "approvers": approval.approvers if approval.pending else None,
        "until": moment(approval.expires_at) if approval.pending else None,
        "answered_by": approval.answered_by_name,
        "reason": approval.reason,
        "message_id": approval.message_id,
    }
    return row | _present(optional)


def reservation_row(reservation: Reservation) -> Row:
    """Return a reservation: which files, whose, until when and what for."""
    row = {
        "reservation_id": reservation.id,
        "project": reservation.project,
        "pattern": reservation.pattern,
        "author": reservation.agent_name,
        "trust": source(Trust.AGENT, "hub"),
        "until": moment(reservation.expires_at),
    }
    return row | _present({"purpose": reservation.purpose})


def agent_row(agent: Row) -> Row:
    """Return an agent, which describes itself."""
    card = agent.get("card") or {}
    optional = {
        "online": agent.get("online"),
        "last_seen": (agent.get("last_seen_at") or "")[:_MINUTE],
        "status": agent.get("status"),
        "capabilities": card.get("capabilities"),
        "model": card.get("model"),
        "harness": card.get("harness"),
        "description": agent.get("description"),
    }
    return {"name": agent["name"]} | _present(optional)


def _paths(files: object) -> list[str]:
    """Return the paths in a message's list of files; metadata is the author's and can be anything."""
    rows = files if isinstance(files, list) else []
    return [row["path"] for row in rows if isinstance(row, dict) and isinstance(row.get("path"), str)]


def _present(fields: Row) -> Row:
    return {name: value for name, value in fields.items() if value}
