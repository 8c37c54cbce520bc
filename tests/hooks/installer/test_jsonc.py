import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.installer.jsonc import put, read, take

COMMENTED = """\
// my settings
{
  "theme": "dark", // not light
  /* servers */
  "mcpServers": {
    "git": { "command": "uvx", "args": ["mcp-server-git", "// no comment"] }, // mine
  },
  "url": "http://x/*y*/",
}
"""

keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(keys, values, max_size=4)


def with_comments(value: Any) -> str:
    """Write JSON with a comment wherever one may stand, and commas before closing brackets."""
    match value:
        case dict():
            members = [f'/*{{*/ {json.dumps(key)} : //"\n {with_comments(item)} /*,*/' for key, item in value.items()]
            return "{" + ", ".join(members) + (",\n}" if members else "/**/}")
        case list():
            return "[" + ", ".join(with_comments(item) + " // ]\n" for item in value) + (",]" if value else "]")
        case _:
            return json.dumps(value)


def test_rest_of_a_commented_text_stays_as_it_is() -> None:
    changed = put(COMMENTED, ("mcpServers", "airchat"), {"command": "airchat-mcp"})
    added = ',\n    "airchat": {\n      "command": "airchat-mcp"\n    } // mine\n'
    assert changed == COMMENTED.replace(", // mine\n", added)
    assert read(changed)["mcpServers"]["airchat"] == {"command": "airchat-mcp"}
    assert read(changed)["url"] == "http://x/*y*/"


@pytest.mark.parametrize(
    "text", ["", " \n", "{}", "{}\n", "// nothing yet\n{\n}\n", "\ufeff{ }", "// just this\n", "/**/"]
)
def test_first_member_finds_its_place(text: str) -> None:
    changed = put(text, ("a", "b"), [1])
    assert read(changed) == {"a": {"b": [1]}}
    assert read(take(changed, ("a", "b"))) == {}


@pytest.mark.parametrize("text", ['{"a": null} // none', '{"a": {"b": null}}'])
def test_null_on_the_way_counts_as_nothing(text: str) -> None:
    assert read(put(text, ("a", "b", "c"), 1)) == {"a": {"b": {"c": 1}}}


def test_comments_alone_stay() -> None:
    assert put("// mine\n", ("a",), 1) == '// mine\n{\n  "a": 1\n}\n'


def test_what_is_wrong_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"^there is no value in line 3$"):
        read('{\n  "a": 1,\n  "b": ,\n}')


def test_layout_of_the_text_is_kept() -> None:
    assert put('{\n\t"a": 1\n}\n', ("b",), {"c": 2}) == '{\n\t"a": 1,\n\t"b": {\n\t\t"c": 2\n\t}\n}\n'
    assert put('{"a": 1}', ("a",), 2) == '{"a": 2}'


@given(objects, st.lists(keys, min_size=1, max_size=3), values)
def test_put_changes_what_it_is_told_and_nothing_else(before: dict[str, Any], path: list[str], value: Any) -> None:
    expected = json.loads(json.dumps(before))
    place = expected
    for key in path[:-1]:
        if not isinstance(place.setdefault(key, {}), dict):
            return
        place = place[key]
    place[path[-1]] = value
    for text in (json.dumps(before), json.dumps(before, indent=2), with_comments(before)):
        assert read(text) == before
        changed = put(text, tuple(path), value)
        assert read(changed) == expected
        assert put(changed, tuple(path), value) == changed


@given(objects, st.lists(keys, min_size=1, max_size=2))
def test_take_gives_back_what_was_before(before: dict[str, Any], path: list[str]) -> None:
    mark = {"ours": True}
    place: Any = before
    for key in path:
        if not isinstance(place, dict) or (key == path[-1] and key in place) or place.get(key) == {}:
            return
        place = place.get(key, {})
    for text in (json.dumps(before, indent=2), with_comments(before)):
        assert read(take(put(text, tuple(path), mark), tuple(path))) == before
    assert take(json.dumps(before), ("not", "there", "at", "all")) == json.dumps(before)


@pytest.mark.parametrize("text", ["[]", "{", '{"a": }', "nonsense", '{"a": 1'])
def test_text_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        put(text, ("a", "b"), 1)
