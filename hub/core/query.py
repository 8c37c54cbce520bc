"""The search syntax of users: words (all of them), "a phrase", -word, and `or` between alternatives.

Anything can be typed; whatever cannot be searched for is left out, and nothing is an error.
"""

import re

from store.ports.search import Term

_PIECE = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))')
_WORD = re.compile(r"[^\W_]+")


def parse_query(text: str) -> tuple[tuple[Term, ...], ...]:
    """Return the alternatives of the query, each with a term to find; none when there is nothing to search for.

    `or` binds less than the blank: `a b or c` finds a and b together, or c. Parts of a word that punctuation divides
    are searched as a phrase, as the index divides them too.
    """
    alternatives: list[list[Term]] = [[]]
    for piece in _PIECE.finditer(text):
        if piece["word"] and piece["word"].lower() == "or" and not piece["minus"]:
            alternatives.append([])
            continue
        words = tuple(_WORD.findall((piece["phrase"] or piece["word"] or "").lower()))
        term = Term(words, negated=piece["minus"] is not None)
        if words and term not in alternatives[-1]:
            alternatives[-1].append(term)
    return tuple(tuple(terms) for terms in alternatives if any(not term.negated for term in terms))
