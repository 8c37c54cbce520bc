"""Reservations of files."""

from typing import Annotated, Any

from pydantic import BaseModel

from airchat.protocol.rows import reservation_row
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Number, Says, Text
from hub.core.permissions import Action
from hub.core.reservations import LEASE_SECONDS


class ReservationsQuery(BaseModel):
    """Of which project; of all without."""

    project: Text | None = None


class ReserveBody(BaseModel):
    """Files of a project: `*` and `?` within a folder, `**` for any folders, a folder for all that is in it."""

    project: Annotated[Text, Says("project is required")]
    pattern: Annotated[Text, Says("pattern is required")]
    lease_seconds: Number | None = None
    purpose: Text | None = None


class ReservationRow(BaseModel):
    """Files that one agent changes for a while."""

    id: str
    project: str
    pattern: str
    agent_id: str
    agent_name: str
    purpose: str | None
    lease_seconds: int
    created_at: str
    expires_at: str


class ReservationList(BaseModel):
    """What is reserved now, oldest first."""

    reservations: list[ReservationRow]


class OneReservation(BaseModel):
    """A reservation."""

    reservation: ReservationRow


async def list_reservations(cases: UseCases, call: Call[ReservationsQuery, Empty]) -> Any:
    """List reservations."""
    return {"reservations": [reservation_row(one) for one in await cases.reservations.list(call.query.project)]}


async def reserve(cases: UseCases, call: Call[Empty, ReserveBody]) -> Any:
    """Reserve files, or renew that."""
    body = call.body
    seconds = LEASE_SECONDS if body.lease_seconds is None else body.lease_seconds
    made = await cases.reservations.reserve(
        call.actor, body.project, body.pattern, lease_seconds=seconds, purpose=body.purpose
    )
    return {"reservation": reservation_row(made)}


async def release(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Give files back."""
    return {"reservation": reservation_row(await cases.reservations.release(call.actor, call.path["id"]))}


_TAG = "reservations"

ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/reservations",
        list_reservations,
        _TAG,
        "List reserved files",
        ReservationList,
        query=ReservationsQuery,
    ),
    Endpoint(
        "POST",
        "/api/v2/reservations",
        reserve,
        _TAG,
        "Reserve files",
        OneReservation,
        "For `lease_seconds` (30 minutes), and again when it is repeated. What overlaps another's is refused with "
        "409 and their name.",
        body=ReserveBody,
        action=Action.RESERVE_FILES,
        errors=(403, 409),
    ),
    Endpoint(
        "DELETE",
        "/api/v2/reservations/{id}",
        release,
        _TAG,
        "Give reserved files back",
        OneReservation,
        "Who holds them, or an admin.",
        errors=(403, 404),
    ),
)
