import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.protocol import globs
from airchat.protocol.globs import normal_pattern, overlap

NAMES = st.text(alphabet="ab.", min_size=1, max_size=4).filter(lambda name: name not in {".", ".."})
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(
    st.text(alphabet="ab.*?", min_size=1, max_size=4).filter(lambda it: it not in {".", ".."} and "**" not in it)
    | st.just("**"),
    min_size=1,
    max_size=4,
).map("/".join)


def covers(pattern: str, path: str) -> bool:
    """Tell whether a pattern covers a path, another way."""
    wild = {"*": "[^/]*", "?": "[^/]", "/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "**": ".*"}
    tokens = re.findall(r"/?\*\*/?|\*|\?|[^*?/]+|/", pattern)
    return re.fullmatch("".join(wild.get(it) or re.escape(it) for it in tokens) + "(?:/.*)?", path) is not None


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("src", "src/db.py", True),
        ("src/a.py", "src/b.py", False),
        ("src/*.py", "src/db.py", True),
        ("src/*.py", "src/*.sql", False),
        ("src/a*", "src/b*", False),
        ("src/a*", "src/*b", True),
        ("**/x.py", "src/deep", True),
        ("src/**/x.py", "docs/**", False),
        ("*.md", "docs/a.md", False),
    ],
)
def test_patterns_meet_where_both_could_cover_a_path(one: str, other: str, meet: bool) -> None:
    assert overlap(one, other) == overlap(other, one) == meet


@given(PATTERNS, PATHS)
def test_pattern_covers_what_it_says(pattern: str, path: str) -> None:
    assert globs.covers(pattern, path) == covers(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("src/db.py", "src/db.py", True),
        ("src/db.py", "src/db.pyc", False),
        ("src/db.py", "other/src/db.py", False),
        ("src", "src/a/b.py", True),
        ("src", "srcs/a.py", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/*", "src/a/b.py", True),
        ("src/**/*.sql", "src/a/b/c.sql", True),
        ("src/**/*.sql", "src/c.sql", True),
        ("src/**/*.sql", "src/c.py", False),
        ("**/*.lock", "uv.lock", True),
        ("**", "anything/at/all", True),
        ("a?.py", "ab.py", True),
        ("a.b[c]", "a.b[c]", True),
        ("a.b", "axb", False),
    ],
)
def test_pattern_covers(pattern: str, path: str, covered: bool) -> None:
    assert globs.covers(pattern, path) is covered


@given(PATTERNS, PATTERNS, PATHS)
def test_patterns_with_a_path_in_common_meet(one: str, other: str, path: str) -> None:
    if covers(one, path) and covers(other, path):
        assert overlap(one, other)
        assert overlap(other, one)


def test_hostile_patterns_take_no_time() -> None:
    one, other = "/".join(["**", "a*"] * 20), "/".join(["**", "*b"] * 20)
    assert overlap(one, other)
    assert overlap("/".join(["**", "a*a*a*a"] * 20), "/".join(["b" * 7] * 40))
    assert not overlap("/".join(["a*a*a*a*b"] * 33), "/".join(["a" * 8] * 33))
    assert not overlap("*a" * 140 + "b", "a" * 300)
    assert not globs.covers("/".join(["**", "*a*a*a*b"] * 19), "/".join(["a" * 40] * 100))


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("src/", "src"),
        ("./src//a.py", "src/a.py"),
        (" src\\a.py ", "src/a.py"),
        ("**", "**"),
        ("a b/ä.txt", "a b/ä.txt"),
    ],
)
def test_pattern_has_one_spelling(text: str, normal: str) -> None:
    assert normal_pattern(text) == normal


@pytest.mark.parametrize(
    "text", ["", " ", "/", "/etc", "~/x", "../x", "a/../b", "C:\\x", "a**b", "src/**.py", "a\nb", "x" * 301, "a/" * 41]
)
def test_what_leaves_the_project_is_no_pattern(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        normal_pattern(text)
