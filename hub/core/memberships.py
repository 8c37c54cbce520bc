"""Memberships within a unit of work: joining a channel and reading on, each with its event."""

from collections.abc import Mapping

from airchat.protocol.channels import Channel, Membership, role_text
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from store.ports.unit import Unit


async def join_member(
    unit: Unit, at: int, member: Principal, channel: Channel, roles: frozenset[str] = frozenset()
) -> None:
    """Make somebody a member with these roles; nothing happens when they are one."""
    if await unit.channels.join(Membership(channel.id, member.id, at, role_text(roles))):
        draft = member_event(EventKind.MEMBER_JOINED, at, member, channel, {"roles": sorted(roles)})
        await unit.events.append([draft])


async def move_read(unit: Unit, at: int, member: Principal, channel: Channel, number: int) -> bool:
    """Move a member's read number forward to `number`, at most to the newest message; False when it did not move."""
    current = await unit.channels.get(channel.id)
    number = min(number, current.last_number if current else 0)
    if not await unit.channels.mark_read(channel.id, member.id, number, at):
        return False
    draft = EventDraft(
        EventKind.READ_MOVED,
        at,
        member.id,
        channel_id=channel.id,
        recipient_id=member.id,
        subject_id=member.id,
        data=_row(member, channel) | {"number": number},
    )
    await unit.events.append([draft])
    return True


def member_event(
    kind: EventKind, at: int, member: Principal, channel: Channel, more: Mapping[str, object] | None = None
) -> EventDraft:
    """Return the event that tells of a membership."""
    data = _row(member, channel) | {"kind": member.kind.value} | dict(more or {})
    return EventDraft(kind, at, member.id, channel_id=channel.id, subject_id=member.id, data=data)


def _row(member: Principal, channel: Channel) -> dict[str, object]:
    return {"channel": shown_name(channel), "channel_id": channel.id, "agent_id": member.id, "name": member.name}
