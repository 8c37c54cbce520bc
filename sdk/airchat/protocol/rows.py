"""The JSON rows of the wire: one shape per noun, used by the REST API and by the events of the log alike.

Field names are those that AirChat clients know; where two client generations look for different names, a row carries
both.
"""

from collections.abc import Mapping
from typing import Any

from airchat.protocol.approvals import Approval
from airchat.protocol.channels import Channel, shown_modes
from airchat.protocol.files import File
from airchat.protocol.messages import Message, Origin
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Credential, Machine, Principal
from airchat.protocol.reservations import Reservation
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import to_iso
from airchat.protocol.usage import Tokens


def shown_name(channel: Channel) -> str:
    """Return the channel name that clients see: every direct conversation goes by one common name."""
    return DIRECT_MESSAGES if channel.direct else channel.name


def iso_or_none(micros: int | None) -> str | None:
    """Return the moment as ISO-8601 text, or None."""
    return None if micros is None else to_iso(micros)


def principal_row(principal: Principal) -> dict[str, Any]:
    """Return a principal as clients see it."""
    return {
        "id": principal.id,
        "kind": principal.kind.value,
        "name": principal.name,
        "role": principal.role.value,
        "display_name": principal.display_name,
        "active": principal.active,
        "status": principal.status,
        "bot": principal.bot,
        "created_at": to_iso(principal.created_at),
        "last_seen_at": iso_or_none(principal.last_seen_at),
    }


def machine_row(machine: Machine) -> dict[str, Any]:
    """Return a machine as clients see it."""
    return {
        "id": machine.id,
        "name": machine.name,
        "active": machine.active,
        "created_at": to_iso(machine.created_at),
    }


def credential_row(credential: Credential) -> dict[str, Any]:
    """Return a key, token or password as its owner sees it: never its secret or its hash."""
    return {
        "id": credential.id,
        "owner_id": credential.principal_id,
        "kind": credential.kind.value,
        "label": credential.slot,
        "scope": credential.scope,
        "created_at": to_iso(credential.created_at),
        "expires_at": iso_or_none(credential.expires_at),
        "last_used_at": iso_or_none(credential.last_used_at),
        "revoked_at": iso_or_none(credential.revoked_at),
    }


def channel_row(channel: Channel) -> dict[str, Any]:
    """Return a channel as clients see it."""
    return {
        "id": channel.id,
        "name": shown_name(channel),
        "type": "global" if channel.direct else channel.type.value,
        "federation_scope": "local",
        "description": channel.description,
        "topic": channel.topic,
        "topic_by": channel.topic_by,
        "topic_at": iso_or_none(channel.topic_at),
        "modes": shown_modes(channel.modes),
        "metadata": channel.metadata,
        "created_by": channel.created_by,
        "archived": channel.archived,
        "created_at": to_iso(channel.created_at),
    }


def origin_row(origin: Origin) -> dict[str, Any]:
    """Return where a message came from."""
    return {"platform": origin.platform, "verified": origin.verified}


def message_row(message: Message, channel: Channel) -> dict[str, Any]:
    """Return a message as clients see it; a deleted one has an empty `content` and a `deleted_at`."""
    name = shown_name(channel)
    return {
        "id": message.id,
        "channel_id": message.channel_id,
        "channel": name,
        "channel_name": name,
        "number": message.number,
        "author_agent_id": message.author_id,
        "author_name": message.author_name,
        "author_display": message.author_display,
        "agents": {"id": message.author_id, "name": message.author_name},
        "content": message.content,
        "metadata": message.metadata or None,
        "parent_message_id": message.parent_id,
        "pinned": message.pinned,
        "created_at": to_iso(message.created_at),
        "updated_at": iso_or_none(message.edited_at),
        "deleted_at": iso_or_none(message.deleted_at),
        "origin": origin_row(message.origin),
        "hop_count": message.hops,
    }


def file_row(file: File, channel: Channel) -> dict[str, Any]:
    """Return a file's description as clients see it."""
    return {
        "id": file.id,
        "name": file.name,
        "path": file.path,
        "size": file.size,
        "type": file.content_type,
        "channel_id": file.channel_id,
        "channel": shown_name(channel),
        "uploader_id": file.uploader_id,
        "message_id": file.message_id,
        "created_at": to_iso(file.created_at),
    }


def task_row(task: Task, channel: Channel) -> dict[str, Any]:
    """Return a task as clients see it."""
    return {
        "id": task.id,
        "channel_id": task.channel_id,
        "channels": {"name": shown_name(channel)},
        "title": task.title,
        "body": task.body,
        "capability_tags": list(task.tags),
        "depends_on": list(task.depends_on),
        "status": task.status.value,
        "priority": task.priority,
        "fence": task.fence,
        "attempts": task.attempts,
        "max_attempts": task.max_attempts,
        "lease_seconds": task.lease_seconds,
        "lease_expires_at": iso_or_none(task.lease_expires_at),
        "created_by": task.created_by,
        "claimed_by": task.claimed_by,
        "result": task.result,
        "result_message_id": task.result_message_id,
        "created_at": to_iso(task.created_at),
        "claimed_at": iso_or_none(task.claimed_at),
        "completed_at": iso_or_none(task.completed_at),
    }


def approval_row(approval: Approval, channel: Channel, names: Mapping[str, str]) -> dict[str, Any]:
    """Return an approval as clients see it; `names` are those of everybody it is about, by id."""
    answered_by = approval.answered_by
    return {
        "id": approval.id,
        "short_id": approval.short_id,
        "channel_id": approval.channel_id,
        "channel": shown_name(channel),
        "parent_message_id": approval.parent_id,
        "message_id": approval.message_id,
        "requested_by": approval.requested_by,
        "requested_by_name": names.get(approval.requested_by),
        "tool": approval.tool,
        "request": approval.request,
        "approvers": [names[one] for one in approval.approvers if one in names],
        "approver_ids": list(approval.approvers),
        "state": approval.state.value,
        "created_at": to_iso(approval.created_at),
        "expires_at": to_iso(approval.expires_at),
        "answered_by": answered_by,
        "answered_by_name": names.get(answered_by) if answered_by else None,
        "answered_at": iso_or_none(approval.answered_at),
        "reason": approval.reason,
    }


def tokens_row(tokens: Tokens) -> dict[str, int]:
    """Return counts of tokens as clients see them."""
    return {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_read_tokens": tokens.cache_read,
        "cache_creation_tokens": tokens.cache_creation,
    }


def reservation_row(reservation: Reservation) -> dict[str, Any]:
    """Return a reservation as clients see it."""
    return {
        "id": reservation.id,
        "project": reservation.project,
        "pattern": reservation.pattern,
        "agent_id": reservation.agent_id,
        "agent_name": reservation.agent_name,
        "purpose": reservation.purpose,
        "lease_seconds": reservation.lease_seconds,
        "created_at": to_iso(reservation.created_at),
        "expires_at": to_iso(reservation.expires_at),
    }
