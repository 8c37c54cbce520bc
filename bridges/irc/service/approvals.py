"""What agents ask permission for: approvals, approve and deny; also as orders said in a channel: `!approve id`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

from airchat.protocol.approvals import ApprovalState
from airchat.protocol.messages import Origin
from bridges.irc.service.places import channel_name, moment, quoted
from bridges.irc.service.table import Question, command
from bridges.irc.wire.split import lines

if TYPE_CHECKING:  # whose answer
    from airchat.protocol.channels import Channel
    from bridges.irc.session import Session

_REQUEST_LINES = 8


@command("approvals", "List what agents wait for permission to run")
async def approvals(question: Question) -> AsyncIterator[str]:
    """Yield what is pending, oldest first, with what would run."""
    found = await question.hub.approvals.list(question.actor, state=ApprovalState.PENDING, limit=200)
    for shown in reversed(found):
        approval = shown.approval
        asker, place = shown.names.get(approval.requested_by), channel_name(question, shown.channel)
        asked = ", ".join(shown.names.get(one, "?") for one in approval.approvers)
        yield f"{approval.short_id} {asker} in {place}: {quoted(approval.tool)} (until {moment(approval.expires_at)})"
        rows = list(lines(approval.request))
        for row in rows[:_REQUEST_LINES]:
            yield f"  {quoted(row, 400)}"
        if len(rows) > _REQUEST_LINES:
            yield f"  and {len(rows) - _REQUEST_LINES} more lines"
        yield f"  asked: {asked}"
    if not found:
        yield "Nothing waits for approval"


@command("approve id [why]", "Let an agent run what it asked for, once", least=1, most=80, writes=True)
async def approve(question: Question) -> AsyncIterator[str]:
    """Approve."""
    yield await answered(question.session, "approve", question.words[0], " ".join(question.words[1:]))


@command("deny id [why]", "Refuse what an agent asked for", least=1, most=80, writes=True)
async def deny(question: Question) -> AsyncIterator[str]:
    """Deny."""
    yield await answered(question.session, "deny", question.words[0], " ".join(question.words[1:]))


async def answered(
    session: Session,
    action: Literal["approve", "deny"],
    approval_id: str,
    reason: str,
    said_in: Channel | None = None,
) -> str:
    """Answer as who is at the session, and return what to tell them; `said_in` as in `Approvals.answer`.

    Raises:
        HubError: the answer does not count.
    """
    user = session.server.registered(session)
    origin = Origin("irc", verified=not user.guest)
    shown = await session.server.hub.approvals.answer(
        user.principal, approval_id, action, reason, origin=origin, said_in=said_in
    )
    return f"Approval {shown.approval.short_id} is {shown.approval.state}: {quoted(shown.approval.tool)}"
