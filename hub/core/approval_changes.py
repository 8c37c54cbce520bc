"""Parts that the use-cases of approvals share, each for use within a unit of work."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from airchat.protocol.approvals import SHORT_ID, Approval, ApprovalState, is_approval_id
from airchat.protocol.channels import Channel
from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import is_id, new_id
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import FROM_HUB, Origin
from airchat.protocol.principals import Principal
from airchat.protocol.rows import approval_row
from hub.core import announcements
from hub.core.audit import Audit
from hub.core.gate import announce
from hub.core.permissions import may_see
from store.ports.messages import Addressee, MessageDraft
from store.ports.unit import Unit


async def find_approval(unit: Unit, actor: Principal, approval_id: str) -> tuple[Approval, Channel]:
    """Return the approval of that id, or whose id begins so, and its channel.

    Raises:
        NotFound: there is none, or the actor may not see its channel.
        InvalidInput: that is no id, or several pending approvals begin so.
    """
    given = approval_id.strip().lower()
    if not is_approval_id(given):
        raise InvalidInput(f"approval_id must be an id, or the first {SHORT_ID} digits of one", "approval_id")
    one = await unit.approvals.get(given) if is_id(given) else None
    named = [one] if one else await unit.approvals.by_short_id(given)
    found = [(approval, channel) for approval in named if (channel := await _visible(unit, actor, approval))]
    if not found:
        raise NotFound(f"There is no approval {given} that you may see")
    if len(found) > 1 and found[1][0].state is ApprovalState.PENDING:
        raise InvalidInput(f"Several approvals begin with {given}; give the whole id", "approval_id")
    return found[0]


async def end(  # noqa: PLR0917 - who, what, where and when, as in an announcement
    unit: Unit, actor: Principal, approval: Approval, channel: Channel, now: int, origin: Origin = FROM_HUB
) -> Approval:
    """Write down how an approval ended, say so below the question, and log it."""
    await unit.approvals.save(approval)
    if approval.message_id is not None:
        await unit.inbox.withdraw(approval.message_id, approval.approvers)
        for mention in await unit.messages.mentions_in(approval.message_id):
            await unit.messages.read_mentions(mention.mentioned_id, [mention.id], now)
    author = await _author(unit, actor, approval, channel)
    line = announcements.draft(
        author,
        channel,
        now,
        announcements.approval_ended(approval, actor.name),
        metadata=announcements.approval_metadata(approval, approval.state.value),
        parent_id=approval.parent_id or approval.message_id,
    )
    await announce(unit, line, author)
    expired = approval.state is ApprovalState.EXPIRED
    kind = EventKind.APPROVAL_EXPIRED if expired else EventKind.APPROVAL_ANSWERED
    await log_approval(unit, kind, actor, approval, channel, now)
    detail = {"tool": approval.tool} | ({} if expired else {"platform": origin.platform})
    await Audit.record(unit, now, actor.id, f"approval.{approval.state}", approval.id, detail)
    return approval


async def log_approval(  # noqa: PLR0917 - the fields of an event, in order
    unit: Unit, kind: EventKind, actor: Principal, approval: Approval, channel: Channel, now: int
) -> None:
    """Log what happened to the approval, with the approval as it is afterwards."""
    data = approval_row(approval, channel, await names_of(unit, [approval]))
    event = EventDraft(kind, now, actor.id, channel_id=channel.id, subject_id=approval.id, data=data)
    await unit.events.append([event])


async def names_of(unit: Unit, approvals: Iterable[Approval]) -> dict[str, str]:
    """Return the names of everybody whom these approvals are about, by id."""
    ids = {one for each in approvals for one in (*each.approvers, each.requested_by, each.answered_by) if one}
    return {principal.id: principal.name for principal in await unit.principals.by_ids(sorted(ids))}


async def _visible(unit: Unit, actor: Principal, approval: Approval) -> Channel | None:
    channel = await unit.channels.get(approval.channel_id)
    return channel if channel is not None and await may_see(unit, actor, channel) else None


async def _author(unit: Unit, actor: Principal, approval: Approval, channel: Channel) -> Principal:
    """Return in whose name the end is told: in a direct conversation nobody else speaks than its parties."""
    if channel.direct and approval.state is ApprovalState.EXPIRED:
        return await unit.principals.get(approval.requested_by) or actor
    return actor


def question(
    actor: Principal, channel: Channel, approval: Approval, asked: Sequence[Principal], key: str | None
) -> MessageDraft:
    """Return the message that asks; it is for the approvers alone, whoever the request's text names."""
    now = approval.created_at
    text = announcements.approval_requested(approval, [person.name for person in asked])
    line = announcements.draft(
        actor,
        channel,
        now,
        text,
        metadata=announcements.approval_metadata(approval, "requested"),
        idempotency_key=key,
        parent_id=approval.parent_id,
        addressees=tuple(Addressee(one.id, InboxKind.APPROVAL, new_id(now), new_id(now)) for one in asked),
    )
    return replace(line, id=approval.message_id or line.id)
