"""Port: full-text search."""

from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.messages import SearchHit


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to find or, negated, to exclude.

    `words` are lower case, without punctuation; more than one is a phrase.
    """

    words: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Alternatives (joined by or) of terms (joined by AND), and filters.

    `viewer_id` sees public channels and its own direct ones. Every alternative has a term that is not negated.
    `newest_first` orders by time instead of by rank; `offset` and `limit` page. Times are exclusive bounds.
    """

    alternatives: tuple[tuple[Term, ...], ...]
    viewer_id: str
    channel_id: str | None = None
    author_id: str | None = None
    after: int | None = None
    before: int | None = None
    newest_first: bool = False
    limit: int = 50
    offset: int = 0


class Search(Protocol):
    """The index over message texts."""

    async def messages(self, query: SearchQuery) -> list[SearchHit]:
        """Return matching messages that are not deleted; best first, ranked within the newest 1,000.

        Newest first nothing is ranked: the rank of every hit is 0.
        """
        ...
