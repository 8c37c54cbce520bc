"""Wakes in memory."""

from collections.abc import Iterator, Sequence

from airchat.protocol.messages import Message
from airchat.protocol.principals import Kind
from store.memory.tables import Tables
from store.ports.wakes import Scope, Wake

_PEOPLE = frozenset({Kind.PERSON, Kind.GHOST})


class MemoryWakes:
    """See `store.ports.wakes.Wakes`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._table = tables.wakes

    async def add(self, wakes: Sequence[Wake]) -> None:
        """Remember wakes, the last of each."""
        for wake in wakes:
            self._table.put((wake.subject_id, wake.agent_id), wake)

    async def turns(self, channel_id: str, since: int, limit: int) -> list[tuple[int, int, str]]:
        """Return the newest messages that woke agents."""
        found: dict[int, tuple[int, int, str]] = {}
        for wake in self._since(since):
            if wake.channel_id == channel_id and wake.number is not None:
                seen = found.get(wake.number)
                found[wake.number] = (wake.number, max(wake.at, seen[1] if seen else 0), wake.sender_id)
        return sorted(found.values(), reverse=True)[:limit]

    async def between(self, one_id: str, other_id: str, since: int) -> int:
        """Return how often one of the two woke the other."""
        pair = {(one_id, other_id), (other_id, one_id)}
        return sum((it.agent_id, it.sender_id) in pair and it.number is not None for it in self._woken(since))

    async def count(self, scope: Scope, scope_id: str, since: int) -> int:
        """Return how many wakes there were."""
        return sum(getattr(wake, f"{scope.value}_id") == scope_id for wake in self._woken(since))

    async def spoken_since(self, channel_id: str, number: int) -> bool:
        """Tell whether a person wrote after that message."""
        return any(message.number > number for message in self._spoken(channel_id))

    async def spoken_from(self, channel_id: str, at: int) -> bool:
        """Tell whether a person wrote at that time or later."""
        return any(message.created_at >= at for message in self._spoken(channel_id))

    async def newest_for(self, agent_id: str, channel_id: str, since: int) -> str | None:
        """Return the id of the newest message for the agent."""
        found = [
            (mention.channel_id == channel_id, mention.created_at, message.number, message.id)
            for mention in self._tables.mentions.rows()
            if mention.mentioned_id == agent_id and mention.created_at >= since
            if (message := self._tables.messages.get(mention.message_id)) is not None
        ]
        return max(found)[-1] if found else None

    async def mark(self, channel_id: str, at: int) -> None:
        """Remember that the agents of the channel may go on."""
        self._tables.guard_marks.put(channel_id, at)

    async def marked_at(self, channel_id: str) -> int:
        """Return when the channel was last marked."""
        return self._tables.guard_marks.get(channel_id) or 0

    async def notice(self, channel_id: str, cause: str, window_at: int) -> bool:
        """Remember a notice; False when it stands."""
        if self._tables.guard_notices.get((channel_id, cause)) == window_at:
            return False
        self._tables.guard_notices.put((channel_id, cause), window_at)
        return True

    async def unnotice(self, channel_id: str, cause: str) -> None:
        """Forget a notice."""
        self._tables.guard_notices.remove((channel_id, cause))

    async def forget(self, before: int) -> None:
        """Forget old wakes."""
        for wake in self._table.rows():
            if wake.at < before:
                self._table.remove((wake.subject_id, wake.agent_id))

    def _since(self, since: int) -> Iterator[Wake]:
        return (wake for wake in self._table.rows() if wake.at >= since)

    def _woken(self, since: int) -> Iterator[Wake]:
        return (wake for wake in self._since(since) if wake.woken)

    def _spoken(self, channel_id: str) -> Iterator[Message]:
        for message in self._tables.messages.rows():
            author = self._tables.principals.get(message.author_id)
            if message.channel_id != channel_id or author is None:
                continue
            if author.kind in _PEOPLE and not author.bot:
                yield message
