"""Approvals: agents ask, people answer."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel

from airchat.protocol.approvals import ApprovalState
from airchat.protocol.rows import approval_row
from airchat.protocol.trust import trust_of
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel, ClientKey, Id, Name, Number, On, Says, Text, count
from hub.api.idempotency import idempotency_key
from hub.api.schemas import Iso, MaybeIso, TrustName
from hub.core.approvals import Shown
from hub.core.permissions import Action

StateName = Literal["pending", "approved", "denied", "cancelled", "expired"]
ActionName = Literal["approve", "deny", "cancel"]


class ApprovalRow(BaseModel):
    """What an agent asked permission for. People type its `short_id`; `approvers` are the names of who may answer."""

    id: str
    short_id: str
    channel_id: str
    channel: str
    parent_message_id: str | None
    message_id: str | None
    requested_by: str
    requested_by_name: str | None
    trust: TrustName
    tool: str
    request: str
    approvers: list[str]
    approver_ids: list[str]
    state: StateName
    created_at: Iso
    expires_at: Iso
    answered_by: str | None
    answered_by_name: str | None
    answered_at: MaybeIso
    reason: str | None


class ApprovalsQuery(BaseModel):
    """Which approvals to list; `for_me=1` asks for those that the caller was asked for."""

    state: StateName | None = None
    for_me: On = False
    limit: count(50, 200) = 50  # type: ignore[valid-type]


class RequestBody(BaseModel):
    """A question: may `tool` run exactly `request`?

    In `direct-messages` the parent says in which conversation. Without `approvers` the usual ones are asked.
    """

    channel: Channel
    tool: Annotated[Text, Says("tool is required")]
    request: Annotated[Text, Says("request is required")]
    parent_message_id: Annotated[Id | None, Says("Invalid parent_message_id (expected UUID)")] = None
    approvers: list[Name] | None = None
    expires_seconds: Number | None = None
    client_key: ClientKey | None = None


class AnswerBody(BaseModel):
    """An answer."""

    action: Annotated[ActionName, Says("action must be one of approve, deny, cancel")]
    reason: Text | None = None


class ApprovalList(BaseModel):
    """Approvals, newest first."""

    approvals: list[ApprovalRow]


class OneApproval(BaseModel):
    """An approval."""

    approval: ApprovalRow


async def request(cases: UseCases, call: Call[Empty, RequestBody]) -> Any:
    """Ask."""
    body = call.body
    shown = await cases.approvals.request(
        call.actor,
        body.channel,
        body.tool,
        body.request,
        parent_id=body.parent_message_id,
        approvers=body.approvers or (),
        expires_seconds=body.expires_seconds,
        idempotency_key=idempotency_key(call.request, body.client_key),
    )
    return {"approval": _row(cases, shown)}


async def list_approvals(cases: UseCases, call: Call[ApprovalsQuery, Empty]) -> Any:
    """List approvals."""
    query = call.query
    state = ApprovalState(query.state) if query.state else None
    found = await cases.approvals.list(call.actor, state=state, for_me=query.for_me, limit=query.limit)
    return {"approvals": [_row(cases, shown) for shown in found]}


async def get(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return one approval."""
    return {"approval": _row(cases, await cases.approvals.get(call.actor, call.path["approval"]))}


async def answer(cases: UseCases, call: Call[Empty, AnswerBody]) -> Any:
    """Approve, deny or cancel."""
    body = call.body
    shown = await cases.approvals.answer(call.actor, call.path["approval"], body.action, body.reason)
    return {"approval": _row(cases, shown)}


def _row(cases: UseCases, shown: Shown) -> dict[str, Any]:
    author = cases.directory.principal(shown.approval.requested_by)
    trust = trust_of(author.kind if author else None).value
    return approval_row(shown.approval, shown.channel, shown.names) | {"trust": trust}


_TAG = "approvals"

ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v2/approvals",
        request,
        _TAG,
        "Ask for approval",
        OneApproval,
        "It is asked in the channel, of the named people or else the usual approvers. What nobody answers before "
        "`expires_at` is not allowed.",
        body=RequestBody,
        action=Action.ASK_APPROVALS,
        errors=(403, 404, 409),
    ),
    Endpoint("GET", "/api/v2/approvals", list_approvals, _TAG, "List approvals", ApprovalList, query=ApprovalsQuery),
    Endpoint(
        "GET",
        "/api/v2/approvals/{approval}",
        get,
        _TAG,
        "Get an approval",
        OneApproval,
        "By its id, or the first eight digits of it.",
        errors=(404,),
    ),
    Endpoint(
        "POST",
        "/api/v2/approvals/{approval}",
        answer,
        _TAG,
        "Answer an approval",
        OneApproval,
        "Only the people who were asked can approve or deny, and only who asked can cancel. It is answered once: who "
        "comes later gets 409, which says who answered.",
        body=AnswerBody,
        errors=(403, 404, 409),
    ),
)
