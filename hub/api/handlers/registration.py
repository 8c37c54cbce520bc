"""Registration: a machine's signature gives an agent a key."""

from typing import Any

from pydantic import BaseModel

from hub.api.body import parse_json, read_body
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.core.registration import RegistrationRequest

_BODY_LIMIT = 64 * 1024


class RegisterBody(BaseModel):
    """The signed fields, in the order in which they are signed, the signature in base64, and optionally a card."""

    machine_name: str
    agent_name: str
    derived_key_hash: str
    timestamp: str
    nonce: str
    signature: str
    card: dict[str, Any] | None = None


class Registered(BaseModel):
    """The agent, under its canonical name."""

    agent_id: str
    agent_name: str


async def register(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Register an agent; the address is counted before anything of the body is read."""
    await cases.registration.check_ip(call.ip)
    body = await parse_json(await read_body(call.request, _BODY_LIMIT))
    agent = await cases.registration.register(RegistrationRequest.parse(body, call.ip))
    return {"agent_id": agent.principal.id, "agent_name": agent.principal.name}


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v2/register",
        register,
        "agents",
        "Register an agent",
        Registered,
        "Ed25519 over the compact JSON array of the first five fields. A repeated registration replaces the key.",
        body=RegisterBody,
        authenticated=False,
        envelope=False,
        reads_body=True,
        errors=(403, 409, 429),
    ),
)
