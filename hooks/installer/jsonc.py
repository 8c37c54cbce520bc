"""Changes in a JSON text that leave all the rest as it is: comments, order, spaces, commas before a closing bracket."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_SKIPPED = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\[\]{}:"/]+', re.DOTALL)


@dataclass(slots=True)
class Member:
    """A member of an object, by its places in the text."""

    key: str
    start: int
    value: "Value"


@dataclass(slots=True)
class Value:
    """A value: what it is, and from where to where it goes in the text; the `members` of an object, in order."""

    start: int
    end: int
    content: Any
    members: list[Member] = field(default_factory=list)

    def find(self, key: str) -> Member | None:
        """Return the member of that key; of several, the last, as parsers do."""
        return next((member for member in reversed(self.members) if member.key == key), None)


def read(text: str) -> dict[str, Any]:
    """Return the object that a text with comments holds; a text with nothing else holds an empty one.

    Raises:
        ValueError: it is something else.
    """
    found: dict[str, Any] = {} if _is_empty(text) else _parse(text).content
    return found


def put(text: str, path: tuple[str, ...], value: Any) -> str:
    """Return the text with a value at a path of keys; objects on the way are made where there is nothing, or null.

    Raises:
        ValueError: the text holds no object, or something on the way is none.
    """
    if _is_empty(text):
        text = f"{text.rstrip()}\n{{}}\n".lstrip() if "/" in text else "{}\n"
    braces = _parse(text)
    for depth, key in enumerate(path):
        if braces.content is None:
            return (
                text[: braces.start]
                + _shown(_nested(path[depth:], value), _indent(text, braces.start))
                + text[braces.end :]
            )
        if not isinstance(braces.content, dict):
            raise ValueError(f"{path[depth - 1]} is no object")  # noqa: TRY004 - the text is wrong, not a caller
        member = braces.find(key)
        if member is None:
            return _insert(text, braces, key, _nested(path[depth + 1 :], value))
        braces = member.value
    if braces.content == value:
        return text
    return text[: braces.start] + _shown(value, _indent(text, braces.start)) + text[braces.end :]


def take(text: str, path: tuple[str, ...]) -> str:
    """Return the text without what is at a path, and without objects on the way that are empty then."""
    if _is_empty(text):
        return text
    braces, way = _parse(text), []
    for key in path:
        member = braces.find(key)
        if member is None:
            return text
        way.append((braces, member))
        braces = member.value
    while len(way) > 1 and len(way[-1][0].members) == 1:
        way.pop()
    return _remove(text, *way[-1])


def _nested(path: tuple[str, ...], value: Any) -> Any:
    for outer in reversed(path):
        value = {outer: value}
    return value


def _insert(text: str, braces: Value, key: str, value: Any) -> str:
    line = "\n" + _step(text, braces)
    shown = f"{json.dumps(key, ensure_ascii=False)}: {_shown(value, line[1:])}"
    if not braces.members:
        inside = text[braces.start + 1 : braces.end - 1].rstrip()
        return (
            text[: braces.start + 1]
            + inside
            + line
            + shown
            + "\n"
            + _indent(text, braces.start)
            + text[braces.end - 1 :]
        )
    last = braces.members[-1].value.end
    behind = _skip(text, last)
    if text[behind] == ",":  # there is one before the closing brace already
        last, comma = behind + 1, ""
    else:
        comma = ","
    return text[:last] + comma + line + shown + text[last:]


def _remove(text: str, braces: Value, member: Member) -> str:
    place = braces.members.index(member)
    behind = _skip(text, member.value.end)
    if place:
        start, end = braces.members[place - 1].value.end, member.value.end
        if place < len(braces.members) - 1 or text[behind] == ",":
            start = _skip(text, start) + 1  # keeps the comma before, and takes that behind
            end = behind + 1 if text[behind] == "," else member.value.end
        return text[:start] + text[end:]
    end = behind + 1 if text[behind] == "," else member.value.end
    if len(braces.members) == 1:
        end = braces.end - 1 if not text[end : braces.end - 1].strip() else end
    return text[: braces.start + 1] + text[end:]


def _parse(text: str) -> Value:
    found = _value(text, _skip(text, 0))
    if not isinstance(found.content, dict) or _skip(text, found.end) < len(text):
        raise ValueError("there is something else than one object")
    return found


def _value(text: str, start: int) -> Value:
    """Return the value that begins there.

    Raises:
        ValueError: none does.
    """
    match text[start : start + 1]:
        case "{":
            return _object(text, start)
        case "[":
            return _array(text, start)
    scalar = _SCALAR.match(text, start)
    if scalar is None:
        raise ValueError(f"there is no value in line {_line(text, start)}")
    return Value(start, scalar.end(), json.loads(scalar[0], strict=False))


def _object(text: str, start: int) -> Value:
    found, at = Value(start, 0, {}), _skip(text, start + 1)
    while text[at : at + 1] != "}":
        key = _value(text, at)
        colon = _skip(text, key.end)
        if not isinstance(key.content, str) or text[colon : colon + 1] != ":":
            raise ValueError(f"there is no key in line {_line(text, at)}")
        value = _value(text, _skip(text, colon + 1))
        found.members.append(Member(key.content, at, value))
        found.content[key.content] = value.content
        at = _next(text, value.end, "}")
    found.end = at + 1
    return found


def _array(text: str, start: int) -> Value:
    found, at = Value(start, 0, []), _skip(text, start + 1)
    while text[at : at + 1] != "]":
        value = _value(text, at)
        found.content.append(value.content)
        at = _next(text, value.end, "]")
    found.end = at + 1
    return found


def _next(text: str, end: int, closing: str) -> int:
    """Return where the next item begins behind one that ends there, or the closing bracket is."""
    at = _skip(text, end)
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] != closing:
        raise ValueError(f"there is no comma in line {_line(text, at)}")
    return at


def _skip(text: str, at: int) -> int:
    match = _SKIPPED.match(text, at)
    return match.end() if match else at


def _is_empty(text: str) -> bool:
    return _skip(text, 0) == len(text)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _indent(text: str, at: int) -> str:
    """Return the spaces that the line begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _step(text: str, braces: Value) -> str:
    """Return the spaces before the members of an object."""
    outer = _indent(text, braces.start)
    if braces.members and "\n" in text[braces.start : braces.members[-1].start]:
        return _indent(text, braces.members[-1].start)
    return outer + ("\t" if "\n\t" in text else "  ")


def _shown(value: Any, indent: str) -> str:
    return json.dumps(value, indent="\t" if "\t" in indent else 2, ensure_ascii=False).replace("\n", f"\n{indent}")
