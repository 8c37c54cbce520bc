"""The fake hub's usage: it adds up what turns took. Nothing is ever held back here."""

from collections.abc import Iterable

from airchat.call import Row
from airchat.protocol.rows import tokens_row
from airchat.protocol.timestamps import DAY, to_iso
from airchat.protocol.usage import Tokens
from airchat.testing.state import Given, State

_NAMES = tuple(tokens_row(Tokens()))


def report(state: State, given: Given) -> Row:
    """Answer POST /usage and /usage/served."""
    state.usage.append((given.actor.principal.name, given.body))
    return {"recorded": True}


def report_session(state: State, given: Given) -> Row:
    """Answer POST /usage/report; every report counts from the beginning here."""
    state.usage.append((given.actor.principal.name, given.body))
    return {"recorded": True, "delta": _sum([given.body]), "restarted": False, "accuracy": "estimated"}


def usage(state: State, given: Given) -> Row:
    """Answer GET /usage."""
    now = state.now()
    told: Row = {"since": to_iso(now - DAY), "until": to_iso(now), "accuracy": "estimated"}
    if given.params.get("all") == "true":
        return {"usage": told | {"agents": [_one(state, name) for name in sorted({name for name, _ in state.usage})]}}
    name = given.params.get("agent") or given.actor.principal.name
    return {"usage": told | _one(state, name) | {"breakdown": []}}


def held(_state: State, _given: Given) -> Row:
    """Answer GET /guards."""
    return {"held": []}


def go_on(_state: State, _given: Given) -> Row:
    """Answer POST /guards/continue."""
    return {"released": 0}


def _one(state: State, name: str) -> Row:
    bodies = [body for agent, body in state.usage if agent == name]
    costs = [body["cost_usd"] for body in bodies if body.get("cost_usd") is not None]
    return {"agent": name, "plan": None, "totals": _sum(bodies), "est_cost_usd": sum(costs) if costs else None}


def _sum(bodies: Iterable[Row]) -> Row:
    found = list(bodies)
    return {name: sum(body.get(name) or 0 for body in found) for name in _NAMES}
