"""The rows that only the API shows, from the hub's objects; those shared with the log are in `airchat.protocol.rows`.

Where two generations of clients look for different names, a row carries both.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from airchat.protocol import rows
from airchat.protocol.cards import card_json
from airchat.protocol.channels import Channel, Membership
from airchat.protocol.files import File
from airchat.protocol.inbox import InboxItem
from airchat.protocol.messages import Mention, Message, Reaction, Revision, SearchHit
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Agent, Principal
from airchat.protocol.rows import iso_or_none, principal_row, shown_name
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import to_iso
from airchat.protocol.trust import Trust, trust_of
from hub.core.board import BoardRow
from hub.core.direct import PREFIX
from hub.core.directory import Directory
from hub.core.inbox import Delivery
from hub.core.posting import Posted
from hub.core.sharing import Shared
from store.ports.audit import AuditEntry
from store.ports.people import Person

BUCKET = "agentchat-files"


def message_row(message: Message, channel: Channel, directory: Directory) -> dict[str, Any]:
    """Return a message with how far its author can be trusted; one who is not known any more, not at all."""
    return rows.message_row(message, channel) | {"trust": _trust(message, directory)}


def posted_row(posted: Posted, directory: Directory) -> dict[str, Any] | orjson.Fragment:
    """Return a message just sent, with the names that it mentions in vain, and who does not hear of it for now."""
    more: dict[str, Any] = {"trust": _trust(posted.message, directory)}
    if posted.unknown:
        more["unknown_mentions"] = list(posted.unknown)
    if posted.redacted:
        more["redacted"] = list(posted.redacted)
    if posted.held:
        more["not_woken"] = [{"name": name, "guard": guard} for name, guard in posted.held]
    if posted.row is None:
        return rows.message_row(posted.message, posted.channel) | more
    return orjson.Fragment(posted.row[:-1].encode() + b"," + orjson.dumps(more)[1:])


def task_row(task: Task, channel: Channel, directory: Directory) -> dict[str, Any]:
    """Return a task with the names of its people, and how far its author can be trusted."""
    author = directory.principal(task.created_by)
    holder = directory.principal(task.claimed_by) if task.claimed_by else None
    return rows.task_row(task, channel) | {
        "created_by_name": author.name if author else None,
        "claimed_by_name": holder.name if holder else None,
        "trust": trust_of(author.kind if author else None).value,
    }


def board_row(row: BoardRow, directory: Directory) -> dict[str, Any]:
    """Return a line of the board."""
    name, kind = shown_name(row.channel), "global" if row.channel.direct else row.channel.type.value
    latest = message_row(row.latest, row.channel, directory) if row.latest else None
    return {
        "channel": name,
        "channel_id": row.channel.id,
        "channel_name": name,
        "type": kind,
        "channel_type": kind,
        "federation_scope": "local",
        "role": row.role,
        "joined": row.joined,
        "unread": row.unread,
        "unread_count": row.unread,
        "latest": latest,
        "latest_message": latest,
    }


def agent_row(agent: Agent, *, online: bool) -> dict[str, Any]:
    """Return an agent as others find it. What agents cost is not known to the hub."""
    principal = agent.principal
    return {
        "name": principal.name,
        "active": principal.active,
        "online": online,
        "status": principal.status,
        "last_seen_at": iso_or_none(principal.last_seen_at),
        "description": agent.description,
        "machine": agent.machine_name,
        "card": card_json(agent.card),
        "plan": agent.card.plan if agent.card else None,
        "effective_rate_per_mtok": None,
        "tokens_today": None,
    }


def mention_row(mention: Mention, message: Message, channel: Channel, directory: Directory) -> dict[str, Any]:
    """Return a mention, with the fields of both client generations."""
    metadata_project = message.metadata.get("project")
    project = metadata_project if isinstance(metadata_project, str) else None
    return {
        "mention_id": mention.id,
        "message_id": message.id,
        "channel": shown_name(channel),
        "channel_name": shown_name(channel),
        "from": message.author_name,
        "author_name": message.author_name,
        "from_project": project,
        "author_project": project,
        "content": message.content,
        "parent_message_id": message.parent_id,
        "origin": rows.origin_row(message.origin),
        "trust": _trust(message, directory),
        "timestamp": to_iso(message.created_at),
        "read": mention.read_at is not None,
    }


def search_row(hit: SearchHit, directory: Directory) -> dict[str, Any]:
    """Return a found message."""
    message, created_at = hit.message, to_iso(hit.message.created_at)
    channel = DIRECT_MESSAGES if hit.channel_name.startswith(PREFIX) else hit.channel_name
    return {
        "id": message.id,
        "channel_id": message.channel_id,
        "channel_name": channel,
        "channel": channel,
        "author_agent_id": message.author_id,
        "author_name": message.author_name,
        "author": message.author_name,
        "content": message.content,
        "created_at": created_at,
        "timestamp": created_at,
        "parent_message_id": message.parent_id,
        "origin": rows.origin_row(message.origin),
        "trust": _trust(message, directory),
        "rank": hit.rank,
    }


def reaction_rows(reactions: Iterable[Reaction]) -> list[dict[str, Any]]:
    """Return one row per emoji, in the order in which each appeared first."""
    names: dict[str, list[str]] = {}
    for reaction in reactions:
        names.setdefault(reaction.emoji, []).append(reaction.principal_name)
    return [{"emoji": emoji, "count": len(who), "names": who} for emoji, who in names.items()]


def revision_row(revision: Revision, directory: Directory) -> dict[str, Any]:
    """Return an earlier text."""
    editor = directory.principal(revision.edited_by)
    return {
        "revision": revision.revision,
        "content": revision.content,
        "edited_by": editor.name if editor else revision.edited_by,
        "edited_at": to_iso(revision.edited_at),
    }


def receipt_row(principal: Principal, item: InboxItem) -> dict[str, Any]:
    """Return how far a message got with one addressee."""
    return {
        "name": principal.name,
        "kind": item.kind.value,
        "state": item.state.value,
        "held": item.held,
        "attempts": item.attempts,
        "delivered_at": iso_or_none(item.delivered_at),
        "acked_at": iso_or_none(item.acked_at),
    }


def inbox_row(delivery: Delivery, directory: Directory) -> dict[str, Any]:
    """Return an inbox item with what it is about."""
    item, channel = delivery.item, delivery.channel
    return {
        "id": item.id,
        "kind": item.kind.value,
        "state": item.state.value,
        "attempts": item.attempts,
        "created_at": to_iso(item.created_at),
        "channel": shown_name(channel) if channel else None,
        "message": message_row(delivery.message, channel, directory) if delivery.message and channel else None,
        "task": task_row(delivery.task, channel, directory) if delivery.task and channel else None,
    }


def member_row(principal: Principal, membership: Membership, *, online: bool) -> dict[str, Any]:
    """Return a channel's member."""
    return {
        "name": principal.name,
        "kind": principal.kind.value,
        "role": membership.role,
        "joined_at": to_iso(membership.joined_at),
        "online": online,
    }


def person_row(person: Person) -> dict[str, Any]:
    """Return a person with an account."""
    return principal_row(person.principal) | {"email": person.email}


def audit_row(entry: AuditEntry, directory: Directory) -> dict[str, Any]:
    """Return an entry of the audit trail."""
    actor = directory.principal(entry.actor_id) if entry.actor_id else None
    return {
        "seq": entry.seq,
        "at": to_iso(entry.at),
        "actor_id": entry.actor_id,
        "actor": actor.name if actor else None,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "hash": entry.hash,
    }


def shared_file_row(shared: Shared) -> dict[str, Any]:
    """Return a file as its uploader sees it, with the kinds of secrets taken out of it."""
    file = shared.file
    row: dict[str, Any] = {"name": file.name, "size": file.size, "path": file.path, "bucket": BUCKET}
    row |= {"type": file.content_type, "message_id": file.message_id}
    return row | {"redacted": list(shared.redacted)} if shared.redacted else row


def listed_file_row(file: File) -> dict[str, Any]:
    """Return a file of a listing; its `name` is the last part of its path."""
    return {
        "id": file.id,
        "name": file.path.rpartition("/")[2],
        "path": file.path,
        "created_at": to_iso(file.created_at),
        "metadata": {"name": file.name, "size": file.size, "mimetype": file.content_type},
    }


def _trust(message: Message, directory: Directory) -> Trust:
    author, origin = directory.principal(message.author_id), message.origin
    kind, bot = (author.kind, author.bot) if author else (None, False)
    return trust_of(kind, origin.platform, verified=origin.verified, bot=bot)
