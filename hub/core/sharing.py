"""Sharing a file whose bytes are stored: what is written of it, within one unit of work."""

from dataclasses import dataclass, replace

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.files import File, safe_name
from airchat.protocol.messages import Message
from airchat.protocol.principals import Principal
from airchat.protocol.rows import file_row
from hub.core import announcements
from hub.core.audit import Audit
from hub.core.gate import Gate
from store.ports.messages import Addressee
from store.ports.unit import Unit


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared file, the message that announces it, if one does, and the kinds of secrets that were taken out of it."""

    file: File
    message: Message | None
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sharing:
    """A file, not described yet and without a path, and the line that is to announce it, if one is."""

    actor: Principal
    channel: Channel
    file: File
    idempotency_key: str | None
    line: str | None
    addressees: tuple[Addressee, ...]
    redacted: tuple[str, ...]


async def share(unit: Unit, sharing: Sharing, gate: Gate) -> Shared:
    """Describe the file, and announce it if wanted; what was shared under the same key is returned as it is.

    Raises:
        Conflict: a message that shares no file has the key.
    """
    actor, channel, key = sharing.actor, sharing.channel, sharing.idempotency_key
    if key is not None:
        earlier = await unit.files.by_key(actor.id, key)
        message = await unit.messages.by_key(actor.id, key)
        if earlier is not None:
            return Shared(earlier, message, sharing.redacted)
        if message is not None:
            raise Conflict("The idempotency key was used for something else")
    file = replace(sharing.file, path=await free_path(unit, channel, sharing.file))
    await unit.files.insert(file, key)
    message = None
    if sharing.line is not None:
        message = await _announce(unit, sharing, sharing.line, file, gate)
        await unit.files.attach(file.id, message.id)
        file = replace(file, message_id=message.id)
    await record(unit, channel, file)
    return Shared(file, message, sharing.redacted)


async def record(unit: Unit, channel: Channel, file: File) -> None:
    """Write the event and the audit entry of a file that is shared."""
    now, by, data = file.created_at, file.uploader_id, file_row(file, channel)
    await unit.events.append(
        [EventDraft(EventKind.FILE_SHARED, now, by, channel_id=channel.id, subject_id=file.id, data=data)]
    )
    detail = {} if channel.direct else {"path": file.path, "sha256": file.sha256}  # admins read it, and are no party
    await Audit.record(unit, now, by, "file.uploaded", file.id, {"size": file.size} | detail)


async def withdraw(unit: Unit, at: int, actor: Principal, channel: Channel, file: File) -> None:
    """Write the event and the audit entry of a file that was deleted, and has neither name nor path any more."""
    row = file_row(file, channel)
    draft = EventDraft(EventKind.FILE_DELETED, at, actor.id, channel_id=channel.id, subject_id=file.id, data=row)
    await unit.events.append([draft])
    await Audit.record(unit, at, actor.id, "file.deleted", file.id, {"uploader_id": file.uploader_id})


async def free_path(unit: Unit, channel: Channel, file: File) -> str:
    """Return where in the channel's folder a new file can be."""
    millisecond, name = file.created_at // 1000, safe_name(file.name)
    while await unit.files.by_path(path := f"{channel.name}/{millisecond}-{name}") is not None:
        millisecond += 1
    return path


async def _announce(unit: Unit, sharing: Sharing, line: str, file: File, gate: Gate) -> Message:
    draft = announcements.draft(
        sharing.actor,
        sharing.channel,
        file.created_at,
        line,
        metadata=announcements.file_metadata(file, sharing.actor, sharing.redacted),
        idempotency_key=sharing.idempotency_key,
        addressees=sharing.addressees,
    )
    return (await gate.append(unit, sharing.actor, draft)).appended.message
