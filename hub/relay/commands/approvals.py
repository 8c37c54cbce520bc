"""Approvals: what agents wait for permission to run, and saying yes or no, by a command or a button."""

from collections.abc import Mapping
from typing import Any

from airchat.protocol.approvals import ApprovalState
from airchat.protocol.errors import Conflict, Forbidden
from airchat.protocol.messages import Origin
from hub.core.approvals import ApprovalAction, Shown
from hub.relay.commands.table import Question, command
from hub.relay.commands.wording import bullets, plain, span
from hub.relay.contract.desk import Button, Reply
from store.ports.store import Store

APPROVE, DENY = "approval.approve", "approval.deny"

_LISTED = 10
_BUTTONS = 2
_REQUEST = 300


@command("approvals", "List what agents wait for permission to run")
async def approvals(question: Question) -> Reply:
    """List what is pending, oldest first, with what would run."""
    actor = question.asker.principal
    found = await question.cases.approvals.list(actor, state=ApprovalState.PENDING, limit=_LISTED)
    if not found:
        return Reply("Nothing waits for approval.")
    found.reverse()
    mine = [it.approval for it in found if actor.id in it.approval.approvers][:_BUTTONS]
    buttons = tuple(
        button for approval in mine for button in _pair(approval.id, f" {approval.short_id}" if len(mine) > 1 else "")
    )
    return Reply(bullets(_row(question, it) for it in found), buttons=buttons)


@command("approve ID [WHY]", "Let an agent run what it asked for, once", least=1, most=None)
async def approve(question: Question) -> Reply:
    """Approve."""
    return await answered(question, "approve", question.words[0], _why(question))


@command("deny ID [WHY]", "Refuse what an agent asked for", least=1, most=None)
async def deny(question: Question) -> Reply:
    """Deny."""
    return await answered(question, "deny", question.words[0], _why(question))


async def approved(question: Question, approval_id: str) -> Reply:
    """Approve what the button is about."""
    return await answered(question, "approve", approval_id)


async def denied(question: Question, approval_id: str) -> Reply:
    """Deny what the button is about."""
    return await answered(question, "deny", approval_id)


async def answered(question: Question, action: ApprovalAction, approval_id: str, why: str | None = None) -> Reply:
    """Answer as whoever asks, if theirs is an answer that counts; that it was tried is written down either way."""
    asker = question.asker
    origin = Origin(asker.place.platform, verified=True)
    try:
        shown = await question.cases.approvals.answer(asker.principal, approval_id, action, why, origin=origin)
    except Forbidden as error:
        if asker.has_account:
            raise
        raise Forbidden(f"{error}. {asker.typed('link CODE')} makes yours known here.") from error
    except Conflict as error:
        return Reply(f"{error}.", settled=True)
    approval = shown.approval
    return Reply(f"`{approval.short_id}` is {approval.state}: {plain(approval.tool)}", settled=True)


async def asked(store: Store, metadata: Mapping[str, Any]) -> tuple[Button, ...]:
    """Return the buttons below the message that asks for approval, while that is pending."""
    approval_id = metadata.get("approval_id")
    if metadata.get("approval_event") != "requested" or not isinstance(approval_id, str):
        return ()
    async with store.read() as unit:
        approval = await unit.approvals.get(approval_id)
    return _pair(approval_id) if approval is not None and approval.state is ApprovalState.PENDING else ()


def _pair(approval_id: str, more: str = "") -> tuple[Button, ...]:
    return (
        Button(f"Approve{more}", APPROVE, approval_id, "good"),
        Button(f"Deny{more}", DENY, approval_id, "bad"),
    )


def _why(question: Question) -> str | None:
    _, _, why = question.rest.partition(" ")
    return " ".join(why.split()) or None


def _row(question: Question, shown: Shown) -> str:
    approval = shown.approval
    left = span(max(0, approval.expires_at - question.cases.clock()))
    place = f" in `#{shown.channel.name}`" if not shown.channel.direct else ""
    who = shown.names.get(approval.requested_by, "?")
    asked_of = ", ".join(shown.names.get(one, "?") for one in approval.approvers)
    said = f"`{approval.short_id}` from `{who}`{place}, for another {left}, asked of {asked_of}"
    return f"{said}: {plain(approval.tool)}: {plain(approval.request, _REQUEST)}"
