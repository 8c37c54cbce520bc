"""Port: agents and the machines that register them."""

from typing import Protocol

from airchat.protocol.principals import Agent, Card


class Agents(Protocol):
    """Agent details beside their principal."""

    async def save(self, principal_id: str, machine_id: str | None, description: str | None, card: Card | None) -> None:
        """Insert or replace an agent's details; the principal must exist."""
        ...

    async def get(self, principal_id: str) -> Agent | None:
        """Return the agent with that id."""
        ...

    async def find(
        self, capability: str | None, seen_since: int | None, limit: int, *, inactive: bool = False
    ) -> list[Agent]:
        """Return active agents, or with `inactive` all, most recently seen first, never-seen last."""
        ...

    async def count_active(self, machine_id: str) -> int:
        """Return how many active agents the machine has."""
        ...

    async def of_machine(self, machine_id: str) -> list[Agent]:
        """Return every agent the machine registered, active or not, by name."""
        ...
