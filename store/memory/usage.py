"""Usage in memory."""

from dataclasses import replace

from airchat.protocol.usage import Tokens, UsageSource, Used
from store.memory.tables import Tables
from store.ports.usage import Spent, UsageLine
from store.ports.wakes import Scope


class MemoryUsage:
    """See `store.ports.usage.Usage`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.usage
        self._sessions = tables.usage_sessions

    async def add(self, used: Used) -> bool:
        """Keep it, unless the agent's key is there."""
        if used.key is not None and any(
            (row.agent_id, row.key) == (used.agent_id, used.key) for row in self._table.rows()
        ):
            return False
        self._table.put(used.id, used)
        return True

    async def spent(self, scope: Scope, scope_id: str, since: int) -> Spent:
        """Return what counts against a budget."""
        rows = [
            row
            for row in self._table.rows()
            if getattr(row, f"{scope.value}_id") == scope_id
            and row.at >= since
            and row.source is not UsageSource.SERVED
        ]
        return Spent(
            sum(row.turns for row in rows),
            sum(row.tokens.input + row.tokens.output + row.tokens.cache_creation for row in rows),
            sum(row.cost_micros or 0 for row in rows),
        )

    async def lines(self, agent_id: str | None, since: int, until: int) -> list[UsageLine]:
        """Return what was used, by agent, model and source."""
        found: dict[tuple[str, str, UsageSource], UsageLine] = {}
        for row in self._table.rows():
            if agent_id in {None, row.agent_id} and since <= row.at < until:
                key = (row.agent_id, row.model, row.source)
                found[key] = _added(found.get(key) or UsageLine(*key, Tokens(), 0, None), row)
        return [found[key] for key in sorted(found)]

    async def session(self, agent_id: str, session_id: str, model: str) -> Tokens | None:
        """Return what the session reported last."""
        found = self._sessions.get((agent_id, session_id, model))
        return None if found is None else found[0]

    async def save_session(self, agent_id: str, session_id: str, model: str, tokens: Tokens, at: int) -> None:
        """Replace what the session reported last."""
        self._sessions.put((agent_id, session_id, model), (tokens, at))

    async def forget(self, before: int) -> None:
        """Forget what is old."""
        for row in self._table.rows():
            if row.at < before:
                self._table.remove(row.id)
        for key in list(self._sessions):
            if self._sessions[key][1] < before:
                self._sessions.remove(key)


def _added(line: UsageLine, used: Used) -> UsageLine:
    cost = line.cost_micros if used.cost_micros is None else (line.cost_micros or 0) + used.cost_micros
    return replace(line, tokens=line.tokens + used.tokens, events=line.events + 1, cost_micros=cost)
