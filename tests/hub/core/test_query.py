import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.query import parse_query
from store.ports.search import Term


def words(*texts: str) -> tuple[Term, ...]:
    return tuple(Term((text,)) for text in texts)


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("Hello World", (words("hello", "world"),)),
        ('"hello world" x', ((Term(("hello", "world")), Term(("x",))),)),
        ("a -b", ((Term(("a",)), Term(("b",), negated=True)),)),
        ('a -"b c"', ((Term(("a",)), Term(("b", "c"), negated=True)),)),
        ("a b or c", (words("a", "b"), words("c"))),
        ("a OR b", (words("a"), words("b"))),
        ("or a or or b or", (words("a"), words("b"))),
        ('"or" a', ((Term(("or",)), Term(("a",))),)),
        ("foo-bar.py", ((Term(("foo", "bar", "py")),),)),
        ("snake_case", ((Term(("snake", "case")),),)),
        ("-a", ()),
        ("-a or b", (words("b"),)),
        ('"" - -- "-', ()),
        ('"unclosed phrase', ((Term(("unclosed", "phrase")),),)),
        ('say"this"now', (words("say", "this", "now"),)),
        ("Ärger größer", (words("ärger", "größer"),)),
        ("a a A", (words("a"),)),
        ("NEAR(a, b) ^c* col:d", ((Term(("near", "a")), *words("b", "c"), Term(("col", "d"))),)),
    ],
)
def test_query_examples(text: str, alternatives: tuple[tuple[Term, ...], ...]) -> None:
    assert parse_query(text) == alternatives


@given(st.text(st.sampled_from('abZ "-_.or\n\x00*^:()ßé日') | st.characters(), max_size=60))
def test_query_takes_anything_and_keeps_its_promises(text: str) -> None:
    for terms in parse_query(text):
        assert any(not term.negated for term in terms)
        assert len(set(terms)) == len(terms)
        for word in (word for term in terms for word in term.words):
            assert word
            assert word == word.lower()
            assert all(char.isalnum() for char in word)


PLAIN = st.text("abcdefgh", min_size=1, max_size=5)
TERMS = st.builds(
    lambda words, negated: Term(tuple(words), negated), st.lists(PLAIN, min_size=1, max_size=3), st.booleans()
)
QUERY = st.lists(
    st.lists(TERMS, min_size=1, max_size=4, unique=True).filter(lambda terms: any(not term.negated for term in terms)),
    max_size=3,
)


@given(QUERY)
def test_query_reads_what_was_written(query: list[list[Term]]) -> None:
    text = " or ".join(
        " ".join(("-" if term.negated else "") + '"' + " ".join(term.words) + '"' for term in terms) for terms in query
    )
    assert parse_query(text) == tuple(tuple(terms) for terms in query)
