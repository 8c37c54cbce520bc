"""Search: finding messages by their words, in what the searcher may see."""

from dataclasses import replace

from airchat.protocol.errors import InvalidInput
from airchat.protocol.limits import QUERY_LENGTH, length
from airchat.protocol.messages import SearchHit
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Principal, Role
from hub.core.channels import check_name
from hub.core.directory import Directory
from hub.core.query import parse_query
from store.ports.search import SearchQuery
from store.ports.store import Store

_LIMIT = 200
_SCANNED = 1_000
_UNKNOWN = ""


class Search:
    """Full-text search over messages."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def messages(
        self,
        actor: Principal,
        text: str,
        *,
        channel: str | None = None,
        author: str | None = None,
        after: int | None = None,
        before: int | None = None,
        newest_first: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> list[SearchHit]:
        """Return matching messages, best first or newest first; nothing when channel or author are unknown.

        `channel` and `author` are names, `after` and `before` exclusive times.

        Raises:
            InvalidInput: there is no query, it is too long, or no channel can have the name.
        """
        _check_query(text)
        if channel is not None:
            check_name(channel)
        terms = parse_query(text)
        channel_id, author_id = await self._channel_id(actor, channel), await self._author_id(author)
        if not terms or _UNKNOWN in (channel_id, author_id):
            return []
        query = SearchQuery(
            terms,
            viewer_id=actor.id,
            channel_id=channel_id,
            author_id=author_id,
            after=after,
            before=before,
            newest_first=newest_first,
            limit=max(1, min(limit, _LIMIT)),
            offset=max(0, offset),
        )
        if channel == DIRECT_MESSAGES or actor.role is Role.GUEST:
            return await self._narrow(actor, query, direct_only=channel == DIRECT_MESSAGES)
        async with self._store.read() as unit:
            return await unit.search.messages(query)

    async def _narrow(self, actor: Principal, query: SearchQuery, *, direct_only: bool) -> list[SearchHit]:
        """Search where the index knows no such filter: take its best hits, and keep those that count."""
        async with self._store.read() as unit:
            hits = await unit.search.messages(replace(query, limit=_SCANNED, offset=0))
        kept = []
        for hit in hits:
            channel = await self._directory.find_channel_by_id(hit.message.channel_id)
            if channel and self._directory.readable(actor, channel) and (channel.direct or not direct_only):
                kept.append(hit)
        return kept[query.offset : query.offset + query.limit]

    async def _channel_id(self, actor: Principal, name: str | None) -> str | None:
        """Return None for a search everywhere."""
        if name is None or name == DIRECT_MESSAGES:
            return None
        channel = await self._directory.find_channel(name)
        return channel.id if channel and self._directory.readable(actor, channel) else _UNKNOWN

    async def _author_id(self, name: str | None) -> str | None:
        if name is None:
            return None
        author = await self._directory.find_principal(name)
        return author.id if author else _UNKNOWN


def _check_query(text: str) -> None:
    if not text.strip():
        raise InvalidInput('Search query "q" is required', "q")
    if length(text) > QUERY_LENGTH:
        raise InvalidInput(f"q must be at most {QUERY_LENGTH} characters", "q")
