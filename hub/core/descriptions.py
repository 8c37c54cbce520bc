"""What a channel says of itself: its topic and description, and who may change them."""

from dataclasses import replace

from airchat.protocol.channels import Channel, roles_of
from airchat.protocol.errors import Forbidden, InvalidInput
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.limits import TOPIC_LENGTH, length
from airchat.protocol.principals import Principal
from airchat.protocol.rows import channel_row
from hub.core.admission import has_authority, known_as
from hub.core.audit import Audit
from hub.core.ranks import is_halfop
from hub.core.redaction import SPARED
from store.ports.unit import Unit


def checked_description(text: str | None, field: str) -> str | None:
    """Return the text without white space at its ends; None stays None.

    Raises:
        InvalidInput: it is too long or has characters it may not have.
    """
    if text is None:
        return None
    text = text.strip()
    if length(text) > TOPIC_LENGTH or not all(char.isprintable() or char == "\n" for char in text):
        raise InvalidInput(f"{field} must be at most {TOPIC_LENGTH} characters without control characters", field)
    return text


def described(channel: Channel, topic: str | None, description: str | None, archived: bool | None) -> Channel:  # noqa: FBT001 - one field of three
    """Return the channel with what is given; an empty text is none."""
    return replace(
        channel,
        topic=channel.topic if topic is None else topic or None,
        description=channel.description if description is None else description or None,
        archived=channel.archived if archived is None else archived,
    )


def redacting(channel: Channel, wanted: bool | None) -> Channel:  # noqa: FBT001 - None leaves it as it is
    """Return the channel as one where secrets are taken out of what is written, or not."""
    if wanted is None:
        return channel
    kept = {key: value for key, value in channel.metadata.items() if key != SPARED}
    return replace(channel, metadata=kept if wanted else kept | {SPARED: False})


async def save_description(unit: Unit, at: int, actor: Principal, before: Channel, after: Channel) -> Channel:
    """Store what a channel says of itself now, with its event and what the audit keeps; return it.

    Raises:
        Forbidden: only members describe a channel, and only its operators where the topic is locked.
    """
    await _require_describer(unit, actor, before, after)
    if after.topic != before.topic:
        topic_by, topic_at = (known_as(actor), at) if after.topic else (None, None)
        after = replace(after, topic_by=topic_by, topic_at=topic_at)
    await unit.channels.save(after)
    kind, data = _change(before, after), channel_row(after)
    await unit.events.append([EventDraft(kind, at, actor.id, channel_id=after.id, subject_id=after.id, data=data)])
    if after.archived != before.archived:
        action = "channel.archived" if after.archived else "channel.unarchived"
        await Audit.record(unit, at, actor.id, action, after.id, {"name": after.name})
    if after.metadata != before.metadata:
        detail = {"name": after.name, "redact": after.metadata.get(SPARED) is not False}
        await Audit.record(unit, at, actor.id, "channel.redaction", after.id, detail)
    return after


def _change(before: Channel, after: Channel) -> EventKind:
    if before.archived == after.archived:
        return EventKind.CHANNEL_CHANGED
    return EventKind.CHANNEL_ARCHIVED if after.archived else EventKind.CHANNEL_UNARCHIVED


async def _require_describer(unit: Unit, actor: Principal, before: Channel, after: Channel) -> None:
    """Do nothing when the actor may change what differs of topic and description."""
    if (after.topic, after.description) == (before.topic, before.description) or has_authority(actor, before):
        return
    membership = await unit.channels.membership(before.id, actor.id)
    if membership is None:
        raise Forbidden("Only members may change a channel's topic or description")
    if after.topic != before.topic and "topic_locked" in before.modes and not is_halfop(roles_of(membership.role)):
        raise Forbidden("Only operators may change this channel's topic")
