"""Agents in memory."""

from airchat.protocol.principals import Agent, Card
from store.memory.tables import Tables


class MemoryAgents:
    """See `store.ports.agents.Agents`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def save(self, principal_id: str, machine_id: str | None, description: str | None, card: Card | None) -> None:
        """Insert or replace an agent's details."""
        self._tables.agents.put(principal_id, (machine_id, description, card))

    async def get(self, principal_id: str) -> Agent | None:
        """Return the agent with that id."""
        details = self._tables.agents.get(principal_id)
        if details is None:
            return None
        machine_id, description, card = details
        machine = self._tables.machines.get(machine_id) if machine_id else None
        return Agent(
            principal=self._tables.principals[principal_id],
            machine_id=machine_id,
            machine_name=machine.name if machine else None,
            description=description,
            card=card,
        )

    async def find(
        self, capability: str | None, seen_since: int | None, limit: int, *, inactive: bool = False
    ) -> list[Agent]:
        """Return active agents, most recently seen first."""
        found = [
            agent
            for agent in await (self._all() if inactive else self._active())
            if (capability is None or (agent.card is not None and capability in agent.card.capabilities))
            and (seen_since is None or (agent.principal.last_seen_at or 0) >= seen_since)
        ]
        found.sort(key=lambda agent: (-(agent.principal.last_seen_at or 0), agent.principal.name))
        return found[:limit]

    async def count_active(self, machine_id: str) -> int:
        """Return how many active agents the machine has."""
        return sum(agent.machine_id == machine_id for agent in await self._active())

    async def of_machine(self, machine_id: str) -> list[Agent]:
        """Return every agent of the machine, by name."""
        agents = [agent for agent in await self._all() if agent.machine_id == machine_id]
        return sorted(agents, key=lambda agent: agent.principal.name)

    async def _active(self) -> list[Agent]:
        return [agent for agent in await self._all() if agent.principal.active]

    async def _all(self) -> list[Agent]:
        agents = [await self.get(row.id) for row in self._tables.principals.rows()]
        return [agent for agent in agents if agent is not None]
