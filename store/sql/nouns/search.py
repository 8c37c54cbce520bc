"""Full-text search over SQL, and what the index is fed with."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from airchat.protocol.messages import SearchHit
from store.ports.search import SearchQuery, Term
from store.sql.nouns.rows import messages_of
from store.sql.session import Session, rows_json

_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))


def index_text(text: str) -> str:
    """Return the words of a text, lower case and without diacritics, between single blanks.

    Both databases index this instead of the text, so that both see the same words.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII_WORDS).split())
    decomposed = unicodedata.normalize("NFKD", text)
    text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(_WORD.findall(text)).lower()


def index_scope(channel_id: str, author_id: str) -> str:
    """Return the tokens under which a channel's and an author's messages are found."""
    return f"{_channel_token(channel_id)} {_author_token(author_id)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a message."""

    seq: int
    channel_id: str
    author_id: str
    content: str


def _channel_token(channel_id: str) -> str:
    # It ends in a digit, so that no stemmer takes anything off.
    return f"c{channel_id.replace('-', '')}0"


def _author_token(author_id: str) -> str:
    return f"a{author_id.replace('-', '')}0"


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a dialect's full-text language is spelled. Words are quoted, and no word holds a quote."""

    quote: str
    both: str
    either: str
    without: str
    in_scope: str
    in_body: str


SQLITE = Syntax('"', " AND ", " OR ", " NOT ", "scope : ({})", "body : ({})")
POSTGRES = Syntax("'", " & ", " | ", " & !", "{}", "({})")


def match_text(query: SearchQuery, syntax: Syntax) -> str | None:
    """Return the words and scope of a search in the dialect's language, or None when no word is left to look for."""
    alternatives = [text for terms in query.alternatives if (text := _alternative(terms, syntax)) is not None]
    if not alternatives:
        return None
    scope = []
    if query.channel_id is not None:
        scope.append(_channel_token(query.channel_id))
    if query.author_id is not None:
        scope.append(_author_token(query.author_id))
    parts = [syntax.in_scope.format(f"{syntax.quote}{token}{syntax.quote}") for token in scope]
    return syntax.both.join([*parts, syntax.in_body.format(syntax.either.join(alternatives))])


def _alternative(terms: tuple[Term, ...], syntax: Syntax) -> str | None:
    wanted = [phrase for term in terms if not term.negated and (phrase := _phrase(term, syntax))]
    unwanted = [phrase for term in terms if term.negated and (phrase := _phrase(term, syntax))]
    if not wanted:
        return None
    text = f"({syntax.both.join(wanted)})"
    return f"({text}{syntax.without}({syntax.either.join(unwanted)}))" if unwanted else text


def _phrase(term: Term, syntax: Syntax) -> str | None:
    words = index_text(" ".join(term.words))
    return f"{syntax.quote}{words}{syntax.quote}" if words else None


class SqlSearch:
    """Implements `store.ports.search.Search`, and keeps the index."""

    def __init__(self, session: Session, syntax: Syntax) -> None:
        self._session = session
        self._syntax = syntax

    async def messages(self, query: SearchQuery) -> list[SearchHit]:
        """See the port."""
        match = match_text(query, self._syntax)
        if match is None:
            return []
        rows = await self._session.fetch(
            "search.newest" if query.newest_first else "search.ranked",
            match,
            query.viewer_id,
            query.after,
            query.before,
            query.limit,
            query.offset,
        )
        return [
            SearchHit(message, row["channel_name"], row["rank"])
            for row, message in zip(rows, messages_of(rows), strict=True)
        ]

    async def add(self, entries: Sequence[Entry]) -> None:
        """Index messages by their `seq`."""
        await self._session.execute("search.add", rows_json(_columns(entry) for entry in entries))

    async def remove(self, entry: Entry) -> None:
        """Take a message out of the index; the entry must be as it was added."""
        await self._session.execute("search.remove", rows_json([_columns(entry)]))


def _columns(entry: Entry) -> tuple[object, ...]:
    return entry.seq, index_scope(entry.channel_id, entry.author_id), index_text(entry.content)
