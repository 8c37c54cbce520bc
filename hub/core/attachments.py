"""Attachments: messages that come with files, written with them in one unit of work: both are there, or neither."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from airchat.protocol.files import File
from hub.core.announcements import BUCKET
from hub.core.gate import Passed
from hub.core.sharing import free_path, record
from store.ports.messages import Appended, MessageDraft
from store.ports.unit import Unit


async def append_with(
    unit: Unit, draft: MessageDraft, files: Sequence[File], append: Callable[[MessageDraft], Awaitable[Passed]]
) -> Passed:
    """Write a message with `append` and describe its files, whose bytes are stored; a repeated one changes nothing."""
    if draft.idempotency_key is not None:
        earlier = await unit.messages.by_key(draft.author_id, draft.idempotency_key)
        if earlier is not None:
            return Passed(Appended(earlier, None))
    placed = []
    for file in files:
        described = replace(file, path=await free_path(unit, draft.channel, file))
        await unit.files.insert(described)
        placed.append(described)
    metadata = draft.metadata | {"files": [_entry(file) for file in placed]}
    passed = await append(replace(draft, metadata=metadata))
    for file in placed:
        await unit.files.attach(file.id, draft.id)
        await record(unit, draft.channel, replace(file, message_id=draft.id))
    return passed


def _entry(file: File) -> dict[str, Any]:
    return {"name": file.name, "size": file.size, "type": file.content_type, "path": file.path, "bucket": BUCKET}
