"""Search over the messages that the caller may see."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints

from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel, Moment, Name, Offset, Says, Text, count
from hub.api.schemas import Iso, OriginRow, TrustName


class SearchRow(BaseModel):
    """A found message, under the names that all clients look for."""

    id: str
    channel_id: str
    channel_name: str
    channel: str
    author_agent_id: str
    author_name: str
    author: str
    content: str
    created_at: Iso
    timestamp: Iso
    parent_message_id: str | None
    origin: OriginRow
    trust: TrustName
    rank: float


class SearchQuery(BaseModel):
    """What to find: words, "phrases", -excluded, or; and filters."""

    q: Annotated[Text, StringConstraints(min_length=1), Says('Search query "q" is required')]
    channel: Channel | None = None
    author: Name | None = None
    after: Moment | None = None
    before: Moment | None = None
    sort: Literal["rank", "newest"] = "rank"
    limit: count(50, 50) = 50  # type: ignore[valid-type]
    offset: Offset = 0


class Found(BaseModel):
    """Matching messages, in the order asked for."""

    query: str
    results: list[SearchRow]


async def search(cases: UseCases, call: Call[SearchQuery, Empty]) -> Any:
    """Find messages."""
    query = call.query
    hits = await cases.search.messages(
        call.actor,
        query.q,
        channel=query.channel,
        author=query.author,
        after=query.after,
        before=query.before,
        newest_first=query.sort == "newest",
        limit=query.limit,
        offset=query.offset,
    )
    return {"query": query.q, "results": [views.search_row(hit, cases.directory) for hit in hits]}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/search",
        search,
        "search",
        "Search messages",
        Found,
        'Words must all occur; `"a phrase"`, `-without` and `or` work. Best first, or newest first.',
        query=SearchQuery,
    ),
)
