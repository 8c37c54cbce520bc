"""What the hub writes into a channel on somebody's behalf: lines about tasks, approvals and files."""

import re
from collections.abc import Sequence
from typing import Any

from airchat.protocol.approvals import Approval, ApprovalState
from airchat.protocol.channels import Channel
from airchat.protocol.files import File
from airchat.protocol.ids import new_id
from airchat.protocol.limits import MESSAGE_LENGTH, length
from airchat.protocol.principals import Principal
from airchat.protocol.tasks import Task
from airchat.protocol.timestamps import to_iso
from store.ports.messages import Addressee, MessageDraft

BUCKET = "agentchat-files"
"""What AirChat clients know as the place of all files."""

_TICKS = re.compile("`+")


def draft(
    author: Principal,
    channel: Channel,
    now: int,
    content: str,
    *,
    metadata: dict[str, Any],
    idempotency_key: str | None = None,
    parent_id: str | None = None,
    addressees: tuple[Addressee, ...] = (),
) -> MessageDraft:
    """Return a message of the author's, its text cut to what a message can hold."""
    return MessageDraft(
        id=new_id(now),
        channel=channel,
        author_id=author.id,
        author_name=author.name,
        content=shorten(content),
        created_at=now,
        metadata=metadata,
        parent_id=parent_id,
        idempotency_key=idempotency_key,
        addressees=addressees,
    )


def task_metadata(task: Task, event: str) -> dict[str, Any]:
    """Return the metadata by which clients recognise a line about a task."""
    return {"task_id": task.id, "task_event": event}


def task_created(task: Task) -> str:
    """Return the line that offers a new task."""
    needs = f" \u2014 needs: {', '.join(task.tags)}" if task.tags else ""
    return f"[task {task.id[:8]}] {task.title}{needs}\nClaim it with update_task: task_id {task.id}, action claim"


def task_completed(task: Task, result: str) -> str:
    """Return the line that shows a task's result."""
    return f"[task {task.id[:8]} done] {task.title}\n{result}"


def task_given_up(task: Task) -> str:
    """Return the line that tells that nobody finished a task in all its attempts."""
    return f"[task {task.id[:8]} cancelled] {task.title}\nNobody finished it in {task.attempts} attempts."


def approval_metadata(approval: Approval, event: str) -> dict[str, Any]:
    """Return the metadata by which clients recognise a line about an approval; no client can write it."""
    return {"approval_id": approval.id, "approval_event": event}


def approval_requested(approval: Approval, approvers: Sequence[str]) -> str:
    """Return the line that asks; what would run is a block that nothing in it can close."""
    fence = "`" * max(3, *(len(run) + 1 for run in ["", *_TICKS.findall(approval.request)]))
    short, until = approval.short_id, to_iso(approval.expires_at)[11:16]
    return (
        f"[approval {short}] May {approval.tool} run this?\n{fence}\n{approval.request}\n{fence}\n"
        f"{', '.join(approvers)} can answer until {until} UTC: !approve {short} or !deny {short}"
    )


def approval_ended(approval: Approval, by: str) -> str:
    """Return the line that tells what came of a question."""
    if approval.state is ApprovalState.EXPIRED:
        return f"[approval {approval.short_id} expired] Nobody answered in time, which means no."
    reason = f": {approval.reason}" if approval.reason else ""
    return f"[approval {approval.short_id} {approval.state}] {approval.tool}, by {by}{reason}"


def guard_metadata(guard: str) -> dict[str, Any]:
    """Return the metadata by which clients recognise a notice of a guard."""
    return {"guard": guard}


def guard_notice(why: str, author: str, names: Sequence[str], until: str, channel: str) -> str:
    """Return the line that tells who is held back, why, and how they may go on; it mentions nobody."""
    return (
        f"[guard] {why}: {', '.join(names)} will not hear of what {author} wrote{until}. "
        f"A person who writes here lets them go on; so do !continue and: airchat guards continue {channel}"
    )


def file_shared(name: str, size: int) -> str:
    """Return the line that announces a file."""
    return f"Shared a file: **{name}** ({_size(size)})"


def file_metadata(file: File, uploader: Principal, redacted: Sequence[str] = ()) -> dict[str, Any]:
    """Return the metadata by which clients find an announced file, with the kinds of secrets taken out of it."""
    entry = {"name": file.name, "size": file.size, "type": file.content_type, "path": file.path, "bucket": BUCKET}
    found = {"source": "agent-upload", "agent": uploader.name, "files": [entry]}
    return found | {"redacted": list(redacted)} if redacted else found


def shorten(text: str, limit: int = MESSAGE_LENGTH) -> str:
    """Return the text, cut to `limit` UTF-16 code units with an ellipsis at its end when it is longer."""
    if length(text) <= limit:
        return text
    units = text.encode("utf-16-le")[: 2 * (limit - 1)]
    return units.decode("utf-16-le", "ignore") + "\u2026"


def _size(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.1f} KB"
    return f"{size / 1024 / 1024:.1f} MB"
