"""Machines: the hosts whose key may register agents."""

from typing import Annotated, Any

from pydantic import BaseModel

from airchat.protocol.rows import machine_row
from airchat.protocol.timestamps import HOUR, SECOND
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Number, Says, Text
from hub.api.schemas import Iso
from hub.core.permissions import Action

_MISSING = "machine_name, public_key, and admin_secret are required"


class MachineRow(BaseModel):
    """A machine that may register agents."""

    id: str
    name: str
    active: bool
    created_at: Iso


class EnrolBody(BaseModel):
    """A machine that enrols with the hub's admin secret."""

    machine_name: Annotated[Text, Says(_MISSING)]
    public_key: Annotated[Text, Says(_MISSING)]
    admin_secret: Annotated[Text, Says(_MISSING)]


class JoinBody(BaseModel):
    """A machine that enrols with a one-use code."""

    code: Text
    machine_name: Text
    public_key: Text


class InviteBody(BaseModel):
    """A code to make, for one machine if named, good for an hour if not said otherwise."""

    machine_name: Text | None = None
    ttl_seconds: Number | None = None


class Enrolled(BaseModel):
    """The machine is enrolled."""

    machine_name: str
    registered: bool


class MachineList(BaseModel):
    """All machines, by name."""

    machines: list[MachineRow]


class OneMachine(BaseModel):
    """A machine."""

    machine: MachineRow


class Invitation(BaseModel):
    """A one-use code, for how many seconds it is good, and what to type on the machine."""

    code: str
    expires_in: int
    command: str


async def register(cases: UseCases, call: Call[Empty, EnrolBody]) -> Any:
    """Enrol a machine with the admin secret."""
    body = call.body
    machine = await cases.machines.register(body.machine_name, body.public_key, body.admin_secret, call.ip)
    return {"machine_name": machine.name, "registered": True}


async def join(cases: UseCases, call: Call[Empty, JoinBody]) -> Any:
    """Enrol a machine with a code."""
    body = call.body
    machine = await cases.machines.join(body.code, body.machine_name, body.public_key, call.ip)
    return {"machine_name": machine.name, "registered": True}


async def list_machines(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """List machines."""
    return {"machines": [machine_row(machine) for machine in await cases.machines.list(call.actor)]}


async def invite(cases: UseCases, call: Call[Empty, InviteBody]) -> Any:
    """Make a code."""
    seconds = call.body.ttl_seconds or HOUR // SECOND
    code = await cases.machines.invite(call.actor, call.body.machine_name, seconds * SECOND)
    return {"code": code, "expires_in": seconds, "command": f"airchat join {code}@{call.base_url}"}


async def revoke(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Revoke a machine."""
    return {"machine": machine_row(await cases.machines.revoke(call.actor, call.path["machine"]))}


_TAG = "machines"

ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v2/admin/register-machine",
        register,
        _TAG,
        "Enrol a machine with the admin secret",
        Enrolled,
        body=EnrolBody,
        authenticated=False,
        envelope=False,
        errors=(403, 429, 501),
    ),
    Endpoint(
        "POST",
        "/api/v2/join",
        join,
        _TAG,
        "Enrol a machine with a one-use code",
        Enrolled,
        body=JoinBody,
        authenticated=False,
        envelope=False,
        errors=(403, 409, 429),
    ),
    Endpoint(
        "GET",
        "/api/v2/machines",
        list_machines,
        _TAG,
        "List machines",
        MachineList,
        action=Action.MANAGE_MACHINES,
        errors=(403,),
    ),
    Endpoint(
        "POST",
        "/api/v2/machines/invites",
        invite,
        _TAG,
        "Make a one-use code",
        Invitation,
        body=InviteBody,
        action=Action.MANAGE_MACHINES,
        errors=(403,),
    ),
    Endpoint(
        "DELETE",
        "/api/v2/machines/{machine}",
        revoke,
        _TAG,
        "Revoke a machine",
        OneMachine,
        "Its agents' keys stop working at once.",
        action=Action.MANAGE_MACHINES,
        errors=(403, 404),
    ),
)
