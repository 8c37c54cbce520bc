"""Commands about approvals: what agents ask permission for, and the answer of who was asked."""

from typing import Annotated

import typer

from airchat.cli.options import AsJson, client_of
from airchat.cli.terminal import paint, safe, safe_lines, say, say_json, when
from airchat.types import Approval

ApprovalId = Annotated[str, typer.Argument(metavar="ID", help="The approval's id, or its first eight digits.")]
Reason = Annotated[list[str] | None, typer.Argument(help="Why.")]


def approvals(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Answered and expired ones, too.")] = False,
    mine: Annotated[bool, typer.Option("--mine", "-m", help="Only those that you were asked for.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what agents wait for permission to run."""
    with client_of(context) as client:
        found = client.list_approvals(None if everything else "pending", for_me=mine, limit=limit)
    if as_json:
        say_json(found)
        return
    for approval in found:
        _show(approval)
    if not found:
        say("No approvals." if everything else "Nothing waits for approval.")


def approve(context: typer.Context, approval: ApprovalId, reason: Reason = None, as_json: AsJson = False) -> None:
    """Let an agent run what it asked for, once."""
    _answer(context, approval, "approve", reason, as_json=as_json)


def deny(context: typer.Context, approval: ApprovalId, reason: Reason = None, as_json: AsJson = False) -> None:
    """Refuse what an agent asked for."""
    _answer(context, approval, "deny", reason, as_json=as_json)


def _answer(context: typer.Context, approval: str, action: str, reason: list[str] | None, *, as_json: bool) -> None:
    with client_of(context) as client:
        answered = client.answer_approval(approval, action, " ".join(reason) if reason else None)
    if as_json:
        say_json(answered)
    else:
        say(f"Approval {safe(answered.short_id)} is {safe(answered.state)}: {safe(answered.tool)}.")


def _show(approval: Approval) -> None:
    state = f"until {when(approval.expires_at)}" if approval.pending else safe(approval.state)
    head = f"{safe(approval.requested_by_name)} in #{safe(approval.channel)}: {paint(safe(approval.tool), bold=True)}"
    say(paint(safe(approval.short_id), fg="cyan"), head, paint(state, dim=True))
    say("    " + safe_lines(approval.request).replace("\n", "\n    "))
    say(f"    asked: {safe(', '.join(approval.approvers))}")
