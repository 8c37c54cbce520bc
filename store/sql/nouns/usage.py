"""Usage over SQL."""

from airchat.protocol.usage import Tokens, UsageSource, Used
from store.ports.usage import Spent, UsageLine
from store.ports.wakes import Scope
from store.sql.session import Row, Session


def _line_of(row: Row) -> UsageLine:
    return UsageLine(
        agent_id=row["agent_id"],
        model=row["model"],
        source=UsageSource(row["source"]),
        tokens=Tokens(int(row["input"]), int(row["output"]), int(row["cache_read"]), int(row["cache_creation"])),
        events=row["events"],
        cost_micros=None if row["cost"] is None else int(row["cost"]),
    )


class SqlUsage:
    """Implements `store.ports.usage.Usage`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, used: Used) -> bool:
        """See the port."""
        tokens = used.tokens
        counts = (tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation)
        about = (used.channel_id, used.sender_id, used.turns)
        who = (used.id, used.agent_id, used.at, used.source.value, used.model)
        return await self._session.execute("usage.add", *who, *about, *counts, used.cost_micros, used.key) > 0

    async def spent(self, scope: Scope, scope_id: str, since: int) -> Spent:
        """See the port."""
        row = await self._session.fetch_one(f"usage.spent_{scope.value}", scope_id, since)
        return Spent() if row is None else Spent(int(row["turns"]), int(row["tokens"]), int(row["cost"]))

    async def lines(self, agent_id: str | None, since: int, until: int) -> list[UsageLine]:
        """See the port."""
        return [_line_of(row) for row in await self._session.fetch("usage.lines", agent_id, since, until)]

    async def session(self, agent_id: str, session_id: str, model: str) -> Tokens | None:
        """See the port."""
        row = await self._session.fetch_one("usage.session", agent_id, session_id, model)
        if row is None:
            return None
        return Tokens(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_creation_tokens"])

    async def save_session(self, agent_id: str, session_id: str, model: str, tokens: Tokens, at: int) -> None:
        """See the port."""
        counts = (tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation)
        await self._session.execute("usage.save_session", agent_id, session_id, model, *counts, at)

    async def forget(self, before: int) -> None:
        """See the port."""
        await self._session.execute("usage.forget", before)
        await self._session.execute("usage.forget_sessions", before)
