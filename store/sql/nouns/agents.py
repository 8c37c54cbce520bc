"""Agents over SQL."""

from typing import Any

import orjson

from airchat.protocol.cards import card_json
from airchat.protocol.principals import Agent, Card
from store.sql.nouns.principals import principal_of
from store.sql.session import Row, Session, json_text, rows_json


def _agent_of(row: Row) -> Agent:
    return Agent(
        principal=principal_of(row),
        machine_id=row["machine_id"],
        machine_name=row["machine_name"],
        description=row["description"],
        card=None if row["card"] is None else _card_of(orjson.loads(row["card"])),
    )


def _card_of(stored: dict[str, Any]) -> Card:
    return Card(
        model=stored.get("model"),
        harness=stored.get("harness"),
        capabilities=tuple(stored.get("capabilities", ())),
        plan=stored.get("plan"),
    )


class SqlAgents:
    """Implements `store.ports.agents.Agents`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def save(self, principal_id: str, machine_id: str | None, description: str | None, card: Card | None) -> None:
        """See the port."""
        stored = None if card is None else json_text(card_json(card))
        await self._session.execute("agents.save", principal_id, machine_id, description, stored)
        await self._session.execute("agents.forget_capabilities", principal_id)
        if card is not None and card.capabilities:
            rows = [(principal_id, capability) for capability in dict.fromkeys(card.capabilities)]
            await self._session.execute("agents.add_capabilities", rows_json(rows))

    async def get(self, principal_id: str) -> Agent | None:
        """See the port."""
        row = await self._session.fetch_one("agents.get", principal_id)
        return None if row is None else _agent_of(row)

    async def find(
        self, capability: str | None, seen_since: int | None, limit: int, *, inactive: bool = False
    ) -> list[Agent]:
        """See the port."""
        rows = await self._session.fetch("agents.find", capability, seen_since, limit, inactive)
        return [_agent_of(row) for row in rows]

    async def count_active(self, machine_id: str) -> int:
        """See the port."""
        row = await self._session.fetch_one("agents.count_active", machine_id)
        return 0 if row is None else int(row["count"])

    async def of_machine(self, machine_id: str) -> list[Agent]:
        """See the port."""
        return [_agent_of(row) for row in await self._session.fetch("agents.of_machine", machine_id)]
