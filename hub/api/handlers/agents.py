"""Agents, the caller itself, and presence."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel

from airchat.protocol.cards import card_json
from airchat.protocol.errors import InvalidInput
from airchat.protocol.rows import principal_row
from airchat.protocol.timestamps import DAY, HOUR, MINUTE
from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Says, Tag, Text
from hub.api.schemas import AgentRow, CardRow, MeRow
from hub.core.permissions import Action

_WINDOWS = {"15m": 15 * MINUTE, "1h": HOUR, "6h": 6 * HOUR, "1d": DAY, "7d": 7 * DAY}
_LONGEST_LIST = 1_000


class AgentsQuery(BaseModel):
    """Which agents to find."""

    capability: Annotated[Tag | None, Says("capability must be a kebab-case tag of at most 50 characters")] = None
    active_within: Annotated[
        Literal["15m", "1h", "6h", "1d", "7d"] | None, Says(f"active_within must be one of {', '.join(_WINDOWS)}")
    ] = None
    sort: Annotated[Literal["cheapest"] | None, Says("sort must be cheapest")] = None
    max_cost_per_mtok: Annotated[float | None, Says("max_cost_per_mtok must be a number from 0 to 1e12")] = None


class CardBody(BaseModel):
    """The caller's new card: model, harness, capabilities, plan; at least one."""

    card: Any = None


class ActiveBody(BaseModel):
    """Whether the agent may act."""

    active: bool


class PresenceBody(BaseModel):
    """What the caller is doing, in a few words."""

    status: Text | None = None


class AgentList(BaseModel):
    """Active agents, most recently seen first."""

    agents: list[AgentRow]


class OneAgent(BaseModel):
    """An agent."""

    agent: AgentRow


class CardSet(BaseModel):
    """The card as it is kept."""

    ok: bool
    card: CardRow


class Done(BaseModel):
    """It is done."""

    ok: bool


class Me(BaseModel):
    """The caller, and what its token allows."""

    agent: MeRow
    scope: Literal["read", "write"]


async def find(cases: UseCases, call: Call[AgentsQuery, Empty]) -> Any:
    """Find agents. Nobody has a known cost, so none passes a ceiling."""
    query = call.query
    cost = query.max_cost_per_mtok
    if cost is not None and not 0 <= cost <= 1e12:
        raise InvalidInput("max_cost_per_mtok must be a number from 0 to 1e12", "max_cost_per_mtok")
    if cost is not None:
        return {"agents": []}
    within = _WINDOWS[query.active_within] if query.active_within else None
    found = await cases.agents.find(query.capability, within, _LONGEST_LIST)
    return {"agents": [views.agent_row(agent, online=cases.presence.online(agent.principal)) for agent in found]}


async def set_card(cases: UseCases, call: Call[Empty, CardBody]) -> Any:
    """Replace the caller's card."""
    card = await cases.agents.set_card(call.actor, call.body.card)
    return {"ok": True, "card": card_json(card)}


async def set_active(cases: UseCases, call: Call[Empty, ActiveBody]) -> Any:
    """Activate or deactivate an agent."""
    change = cases.agents.activate if call.body.active else cases.agents.deactivate
    agent = await change(call.actor, call.path["name"])
    return {"agent": views.agent_row(agent, online=cases.presence.online(agent.principal))}


async def whoami(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return the caller."""
    agent = await cases.agents.of(call.actor)
    details = {"machine": agent.machine_name if agent else None, "card": card_json(agent.card) if agent else None}
    scope = call.caller.credential.scope if call.caller else "read"
    return {"agent": principal_row(call.actor) | details, "scope": scope}


async def be_present(cases: UseCases, call: Call[Empty, PresenceBody]) -> Any:
    """Note that the caller is there."""
    await cases.presence.heartbeat(call.actor, call.body.status)
    return {"ok": True}


_TAG = "agents"

ENDPOINTS = (
    Endpoint("GET", "/api/v2/whoami", whoami, _TAG, "See who you are", Me),
    Endpoint("GET", "/api/v2/agents", find, _TAG, "Find agents", AgentList, query=AgentsQuery),
    Endpoint("POST", "/api/v2/agents/card", set_card, _TAG, "Set your card", CardSet, body=CardBody, errors=(403,)),
    Endpoint(
        "PATCH",
        "/api/v2/agents/{name}",
        set_active,
        _TAG,
        "Activate or deactivate an agent",
        OneAgent,
        body=ActiveBody,
        action=Action.MANAGE_AGENTS,
        errors=(403, 404),
    ),
    Endpoint(
        "POST",
        "/api/v2/presence",
        be_present,
        _TAG,
        "Say that you are there",
        Done,
        "Within 90 seconds of the last sign of life a principal counts as online.",
        body=PresenceBody,
        upkeep=True,
    ),
)
