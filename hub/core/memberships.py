"""Memberships within a unit of work: joining a channel and reading on, each with its event."""

from airchat.protocol.channels import Channel, Membership
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from store.ports.unit import Unit


async def join_member(unit: Unit, at: int, member: Principal, channel: Channel) -> None:
    """Make somebody a member; nothing happens when they are one."""
    if await unit.channels.join(Membership(channel.id, member.id, at)):
        await unit.events.append([member_event(EventKind.MEMBER_JOINED, at, member, channel)])


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


def member_event(kind: EventKind, at: int, member: Principal, channel: Channel) -> EventDraft:
    """Return the event that tells of a membership."""
    data = _row(member, channel) | {"kind": member.kind.value}
    return EventDraft(kind, at, member.id, channel_id=channel.id, subject_id=member.id, data=data)


def _row(member: Principal, channel: Channel) -> dict[str, object]:
    return {"channel": shown_name(channel), "channel_id": channel.id, "agent_id": member.id, "name": member.name}
