"""The fake hub's approvals. Any agent of the fake hub may answer those of others: it has no people."""

from dataclasses import replace
from uuid import uuid4

from airchat.call import Row
from airchat.protocol.approvals import Approval, ApprovalState
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.rows import approval_row
from airchat.protocol.timestamps import SECOND
from airchat.protocol.trust import Trust
from airchat.testing.state import Given, State

_STATES = {"approve": ApprovalState.APPROVED, "deny": ApprovalState.DENIED, "cancel": ApprovalState.CANCELLED}


def request(state: State, given: Given) -> Row:
    """Answer POST /approvals."""
    actor, body, now = given.actor, given.body, state.now()
    channel, tool, text = state.open(actor, body.get("channel")), given.text("tool"), given.text("request")
    approval_id = str(uuid4())
    names = body.get("approvers") or [agent.principal.name for agent in state.agents.values() if agent is not actor]
    asked = [agent.principal.id for agent in map(state.agent_by_name, names) if agent is not None]
    metadata = {"approval_id": approval_id, "approval_event": "requested"}
    message = state.post(
        actor, channel, f"[approval {approval_id[:8]}] May {tool} run this?\n{text}", metadata=metadata
    )
    until = now + int(body.get("expires_seconds") or 600) * SECOND
    approval = Approval(approval_id, channel.id, actor.principal.id, tool, text, tuple(asked), now, until)
    state.approvals[approval.id] = replace(approval, message_id=message.id, parent_id=body.get("parent_message_id"))
    return _row(state, state.approvals[approval.id])


def approvals(state: State, given: Given) -> Row:
    """Answer GET /approvals."""
    me, wanted = given.actor.principal.id, given.params.get("state")
    found = [
        each
        for each in reversed(state.approvals.values())
        if each.channel_id in state.visible(given.actor)
        and wanted in (None, each.state)
        and (given.params.get("for_me") != "1" or me in each.approvers)
    ]
    return {"approvals": [_row(state, each)["approval"] for each in found[: given.number("limit", 50)]]}


def get(state: State, given: Given) -> Row:
    """Answer GET /approvals/{id}."""
    return _row(state, _find(state, given))


def answer(state: State, given: Given) -> Row:
    """Answer POST /approvals/{id}."""
    approval, me, action = _find(state, given), given.actor.principal, given.body.get("action")
    if action not in _STATES:
        raise InvalidInput("action must be one of approve, deny, cancel", "action")
    if (me.id == approval.requested_by) != (action == "cancel") or me.id not in (
        approval.requested_by,
        *approval.approvers,
    ):
        raise Forbidden("You are not among those who were asked")
    if approval.state is not ApprovalState.PENDING:
        raise Conflict(f"Approval {approval.short_id} was {approval.state}")
    ended = replace(approval, state=_STATES[action], answered_by=me.id, answered_at=state.now())
    state.approvals[approval.id] = replace(ended, reason=given.body.get("reason"))
    return _row(state, state.approvals[approval.id])


def _find(state: State, given: Given) -> Approval:
    wanted = given.path["id"].lower()
    found = [each for each in state.approvals.values() if wanted in (each.id, each.short_id)]
    if not found or found[0].channel_id not in state.visible(given.actor):
        raise NotFound("Approval not found")
    return found[0]


def _row(state: State, approval: Approval) -> Row:
    names = {agent.principal.id: agent.principal.name for agent in state.agents.values()}
    row = approval_row(approval, state.channels[approval.channel_id], names)
    return {"approval": row | {"trust": Trust.AGENT.value}}
