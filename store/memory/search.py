"""Search in memory: every message is looked at."""

from dataclasses import replace

from airchat.protocol.messages import Message, SearchHit
from store.memory.tables import Tables
from store.memory.words import stems
from store.ports.search import SearchQuery, Term

_RANKED_AT_MOST = 1_000


class MemorySearch:
    """See `store.ports.search.Search`. The rank is the share of a message's words that the query asks for."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def messages(self, query: SearchQuery) -> list[SearchHit]:
        """Return matching messages."""
        newest_first = sorted(
            (message for message in self._tables.messages.rows() if self._passes(message, query)),
            key=lambda message: (message.created_at, message.id),
            reverse=True,
        )
        hits = [self._hit(message, query) for message in newest_first]
        found = [hit for hit in hits if hit.rank > 0][: None if query.newest_first else _RANKED_AT_MOST]
        if query.newest_first:
            found = [replace(hit, rank=0.0) for hit in found]
        else:
            found.sort(key=lambda hit: hit.rank, reverse=True)
        return found[query.offset : query.offset + query.limit]

    def _passes(self, message: Message, query: SearchQuery) -> bool:
        return (
            message.deleted_at is None
            and self._tables.may_see(message.channel_id, query.viewer_id)
            and query.channel_id in {None, message.channel_id}
            and query.author_id in {None, message.author_id}
            and (query.after is None or message.created_at > query.after)
            and (query.before is None or message.created_at < query.before)
        )

    def _hit(self, message: Message, query: SearchQuery) -> SearchHit:
        words = self._tables.words[message.id]
        rank = max((_rank(words, terms) for terms in query.alternatives), default=0.0)
        return SearchHit(message, self._tables.channels[message.channel_id].name, rank)


def _rank(words: tuple[str, ...], terms: tuple[Term, ...]) -> float:
    """Return how well all terms together match, 0 when they do not."""
    total = 0
    for term in terms:
        count = _count(words, stems(" ".join(term.words)))
        if (count > 0) == term.negated:
            return 0.0
        total += count * len(term.words)
    return total / len(words)


def _count(words: tuple[str, ...], phrase: tuple[str, ...]) -> int:
    starts = range(len(words) - len(phrase) + 1)
    return sum(words[start : start + len(phrase)] == phrase for start in starts)
