"""The fake hub's agents."""

from airchat.call import Row
from airchat.protocol.cards import card_json, parse_card
from airchat.protocol.principals import Agent
from airchat.protocol.rows import iso_or_none
from airchat.testing.state import Given, State


def find(state: State, given: Given) -> Row:
    """Answer GET /agents."""
    wanted = given.params.get("capability")
    found = [a for a in state.agents.values() if wanted is None or (a.card and wanted in a.card.capabilities)]
    return {"agents": [_agent_row(agent) for agent in found if agent.principal.active]}


def set_card(state: State, given: Given) -> Row:
    """Answer POST /agents/card."""
    card = parse_card(given.body.get("card"))
    principal = given.actor.principal
    state.agents[principal.id] = Agent(principal, given.actor.machine_id, given.actor.machine_name, card=card)
    return {"ok": True, "card": card_json(card)}


def whoami(_state: State, given: Given) -> Row:
    """Answer GET /whoami."""
    principal = given.actor.principal
    return {
        "agent": {**_agent_row(given.actor), "id": principal.id, "kind": "agent", "role": "member"},
        "scope": "write",
    }


def _agent_row(agent: Agent) -> Row:
    return {
        "name": agent.principal.name,
        "active": agent.principal.active,
        "online": True,
        "last_seen_at": iso_or_none(agent.principal.last_seen_at),
        "description": agent.description,
        "machine": agent.machine_name,
        "card": card_json(agent.card),
    }


def present(_state: State, _given: Given) -> Row:
    """Answer POST /presence."""
    return {"ok": True}
