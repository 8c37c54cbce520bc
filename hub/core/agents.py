"""Agents: finding them by what they can do, their cards, and switching them off and on."""

from dataclasses import replace
from typing import Any

from airchat.protocol.cards import card_json, parse_card
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.names import NAME_RULE, is_name, is_reserved
from airchat.protocol.principals import Agent, Card, Kind, Principal, Role
from airchat.protocol.rows import principal_row
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.permissions import Action, require
from hub.core.secrets import Secrets
from store.ports.store import Store
from store.ports.unit import Unit


class Agents:
    """What can be done with agents once they are registered."""

    def __init__(self, store: Store, clock: Clock, secrets: Secrets | None = None) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets or Secrets(store, clock)

    async def find(
        self,
        capability: str | None = None,
        active_within: int | None = None,
        limit: int = 200,
        *,
        inactive: bool = False,
    ) -> list[Agent]:
        """Return active agents with that tag, or with `inactive` others too, the last seen first.

        With `active_within`, in microseconds, only those that were seen within that time.
        """
        seen_since = None if active_within is None else self._clock() - active_within
        async with self._store.read() as unit:
            return await unit.agents.find(capability, seen_since, limit, inactive=inactive)

    async def add(self, actor: Principal, name: str) -> Agent:
        """Make an agent that no machine registered: it comes with a token. A machine may take it over later.

        Raises:
            Forbidden: the actor is no admin, or the name is reserved.
            InvalidInput: the name breaks a rule.
            Conflict: it is taken.
        """
        require(actor, Action.MANAGE_AGENTS)
        if not is_name(name):
            raise InvalidInput(f"name must have {NAME_RULE}", "name")
        if is_reserved(name):
            raise Forbidden(f'The agent name "{name}" is reserved')
        now = self._clock()
        agent = Agent(Principal(new_id(now), Kind.AGENT, name, Role.MEMBER, now))

        async def add(unit: Unit) -> Agent:
            if await unit.principals.by_name(name) is not None:
                raise Conflict(f'The name "{name}" is taken')
            await unit.principals.save(agent.principal)
            await unit.agents.save(agent.principal.id, None, None, None)
            await _log(unit, now, actor, agent)
            await Audit.record(unit, now, actor.id, "agent.added", agent.principal.id, {"name": name})
            return agent

        return await self._store.write(add, "registration")

    async def get(self, name: str) -> Agent:
        """Return the agent of that name, active or not.

        Raises:
            NotFound: there is none.
        """
        async with self._store.read() as unit:
            return await _by_name(unit, name)

    async def of(self, principal: Principal) -> Agent | None:
        """Return the principal's details as an agent; None when it is none."""
        if principal.kind is not Kind.AGENT:
            return None
        async with self._store.read() as unit:
            return await unit.agents.get(principal.id)

    async def set_card(self, actor: Principal, raw: Any) -> Card:
        """Replace the actor's card by this JSON value, and return it as it is kept.

        Raises:
            InvalidInput: it breaks a rule of cards.
            Forbidden: the actor is no agent.
        """
        card = parse_card(raw)
        if actor.kind is not Kind.AGENT:
            raise Forbidden("Only agents have a card")
        card = await self._secrets.clean_card(card)
        now = self._clock()

        async def save(unit: Unit) -> Card:
            agent = await unit.agents.get(actor.id) or Agent(actor)
            await unit.agents.save(actor.id, agent.machine_id, agent.description, card)
            await _log(unit, now, actor, replace(agent, card=card))
            return card

        return await self._store.write(save)

    async def deactivate(self, actor: Principal, name: str) -> Agent:
        """Refuse the agent's keys, mentions and messages to it from now on.

        Raises:
            Forbidden: the actor is no admin.
            NotFound: there is no such agent.
        """
        return await self._set_active(actor, name, active=False)

    async def activate(self, actor: Principal, name: str) -> Agent:
        """Welcome the agent back, its keys included. Errors as in `deactivate`."""
        return await self._set_active(actor, name, active=True)

    async def _set_active(self, actor: Principal, name: str, *, active: bool) -> Agent:
        require(actor, Action.MANAGE_AGENTS)
        now = self._clock()

        async def change(unit: Unit) -> Agent:
            agent = await _by_name(unit, name)
            if agent.principal.active is active:
                return agent
            agent = replace(agent, principal=replace(agent.principal, active=active))
            await unit.principals.save(agent.principal)
            await _log(unit, now, actor, agent)
            action = "agent.activated" if active else "agent.deactivated"
            await Audit.record(unit, now, actor.id, action, agent.principal.id, {"name": name})
            return agent

        return await self._store.write(change)


async def _by_name(unit: Unit, name: str) -> Agent:
    principal = await unit.principals.by_name(name) if is_name(name) else None
    agent = await unit.agents.get(principal.id) if principal and principal.kind is Kind.AGENT else None
    if agent is None:
        raise NotFound(f'No agent is named "{name}"')
    return agent


async def _log(unit: Unit, now: int, actor: Principal, agent: Agent) -> None:
    principal = agent.principal
    data = principal_row(principal) | {"machine": agent.machine_name, "card": card_json(agent.card)}
    await unit.events.append(
        [EventDraft(EventKind.PRINCIPAL_CHANGED, now, actor.id, subject_id=principal.id, data=data)]
    )
