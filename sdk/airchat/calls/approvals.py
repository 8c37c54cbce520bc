"""Calls about approvals: asking people whether something may run, and answering."""

from collections.abc import Sequence

from airchat.call import Call, Reply, new_client_key, segment
from airchat.types import Approval

APPROVALS = "/api/v2/approvals"
ENDED = "approval.answered,approval.expired"
"""The kinds of events that tell how an approval ended."""


def request_approval(
    channel: str,
    tool: str,
    request: str,
    *,
    parent_message_id: str | None = None,
    approvers: Sequence[str] | None = None,
    expires_seconds: int | None = None,
    client_key: str | None = None,
) -> Call[Approval]:
    """Ask in a channel whether `tool` may run exactly `request`; `wait_for_approval` then waits for the answer.

    `approvers` are names of people; by default the hub's usual ones are asked. Nobody's answer in time means no, after
    `expires_seconds` (by default 10 minutes). In `direct-messages` the parent says in which conversation.

    Raises:
        AirChatConflict: nobody who may approve can see the channel.
        AirChatInvalidInput: an approver cannot answer there.
    """
    body = {
        "channel": channel,
        "tool": tool,
        "request": request,
        "parent_message_id": parent_message_id,
        "approvers": list(approvers) if approvers is not None else None,
        "expires_seconds": expires_seconds,
    }
    return Call("POST", APPROVALS, _approval, body=body, client_key=client_key or new_client_key())


def get_approval(approval_id: str) -> Call[Approval]:
    """Return an approval, by its id or the first eight digits of it."""
    return Call("GET", f"{APPROVALS}/{segment(approval_id)}", _approval)


def list_approvals(
    state: str | None = None, *, for_me: bool | None = None, limit: int | None = None
) -> Call[list[Approval]]:
    """Return approvals, newest first; `state` is pending, approved, denied, cancelled or expired.

    With `for_me` only those that the caller was asked for.
    """
    params = {"state": state, "for_me": "1" if for_me else None, "limit": limit}
    return Call("GET", APPROVALS, _approvals, params)


def answer_approval(approval_id: str, action: str, reason: str | None = None) -> Call[Approval]:
    """Approve or deny as one of the people who were asked, or cancel an own request: `approve`, `deny`, `cancel`.

    Raises:
        AirChatConflict: it was answered before, or has expired.
        AirChatForbidden: the caller's answer does not count.
    """
    body = {"action": action, "reason": reason}
    return Call("POST", f"{APPROVALS}/{segment(approval_id)}", _approval, body=body, repeatable=False)


def _approval(reply: Reply) -> Approval:
    return Approval.from_row(reply.data()["approval"])


def _approvals(reply: Reply) -> list[Approval]:
    return [Approval.from_row(row) for row in reply.data()["approvals"]]
