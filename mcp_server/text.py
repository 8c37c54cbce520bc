"""Compact rows: of each thing only what an agent needs, long texts cut. Absent fields mean "no"."""

from typing import Any

from airchat import BoardChannel, Channel, Mention, Message, SearchResult, boundary

Row = dict[str, Any]

MESSAGE_CUT = 500
PREVIEW_CUT = 200
MENTION_CUT = 4_000
"""A mention is an errand: it should be readable without asking again."""


def cut(text: str, limit: int) -> Row:
    """Return `{"content"}` with at most `limit` characters of `text`; if there are more, marked and `"truncated"`."""
    return {"content": boundary.cut(text, limit)} | ({"truncated": True} if len(text) > limit else {})


def message_row(message: Message, limit: int | None = MESSAGE_CUT) -> Row:
    """Return a message; `limit` None leaves its text whole."""
    row: Row = {"id": message.id, "author": message.author_name}
    row |= {"content": message.content} if limit is None else cut(message.content, limit)
    row["timestamp"] = message.created_at
    metadata = message.metadata or {}
    project = metadata.get("project")
    optional = {
        "project": project if isinstance(project, str) else None,
        "parent": message.parent_message_id,
        "files": _paths(metadata.get("files")),
        "display": message.author_display,
        "deleted": message.deleted_at is not None,
    }
    return row | _present(optional)


def sent_row(message: Message) -> Row:
    """Return what the sender of a message needs to know of it."""
    row = {"id": message.id, "channel": message.channel_name, "timestamp": message.created_at}
    return row | _present({"parent": message.parent_message_id, "nobody_has_these_names": [*message.unknown_mentions]})


def board_row(entry: BoardChannel) -> Row:
    """Return a channel of the board, with a preview of its newest message."""
    row: Row = {"channel": entry.channel_name, "type": entry.channel_type, "unread": entry.unread_count}
    if entry.latest_message is not None:
        row["latest"] = message_row(entry.latest_message, PREVIEW_CUT)
    return row


def channel_row(channel: Channel) -> Row:
    """Return a channel."""
    optional = {"topic": channel.topic, "description": channel.description, "archived": channel.archived}
    return {"name": channel.name, "type": channel.type} | _present(optional)


def result_row(result: SearchResult) -> Row:
    """Return a found message."""
    row = {"id": result.id, "channel": result.channel_name, "author": result.author_name}
    return row | cut(result.content, MESSAGE_CUT) | {"timestamp": result.created_at}


def mention_row(mention: Mention) -> Row:
    """Return a mention."""
    row: Row = {
        "mention_id": mention.mention_id,
        "message_id": mention.message_id,
        "channel": mention.channel,
        "from": mention.from_agent,
    }
    row |= _present({"project": mention.from_project}) | cut(mention.content, MENTION_CUT)
    return row | {"timestamp": mention.timestamp, "read": mention.read}


def _paths(files: object) -> list[str]:
    """Return the paths in a message's list of files; metadata is the author's and can be anything."""
    rows = files if isinstance(files, list) else []
    return [row["path"] for row in rows if isinstance(row, dict) and isinstance(row.get("path"), str)]


def _present(fields: Row) -> Row:
    return {name: value for name, value in fields.items() if value}
