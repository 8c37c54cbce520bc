"""The audit trail."""

from typing import Any

from pydantic import BaseModel

from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Number, count
from hub.api.schemas import Iso
from hub.core.permissions import Action


class AuditRow(BaseModel):
    """One entry of the audit trail."""

    seq: int
    at: Iso
    actor_id: str | None
    actor: str | None
    action: str
    subject: str | None
    detail: dict[str, Any]
    hash: str


class AuditQuery(BaseModel):
    """Which entries: the newest, or those before a number."""

    before: Number | None = None
    limit: count(100, 500) = 100  # type: ignore[valid-type]


class AuditPage(BaseModel):
    """Entries, newest first."""

    entries: list[AuditRow]


async def page(cases: UseCases, call: Call[AuditQuery, Empty]) -> Any:
    """Return a page of the trail."""
    found = await cases.audit.page(call.actor, call.query.before, call.query.limit)
    return {"entries": [views.audit_row(entry, cases.directory) for entry in found]}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/audit",
        page,
        "audit",
        "Read the audit trail",
        AuditPage,
        query=AuditQuery,
        action=Action.READ_AUDIT,
        errors=(403,),
    ),
)
