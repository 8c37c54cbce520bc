"""Message tags: their escapes, and which of a client's may be passed on.

https://ircv3.net/specs/extensions/message-tags
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_NAME = r"(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+"
_KEY = re.compile(rf"\+?{_NAME}")
_CLIENT_KEY = re.compile(rf"\+{_NAME}")
_ESCAPE = re.compile(r"[; \r\n\\\0]")
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPES = str.maketrans({";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n", "\0": "\\s"})
_MEANINGS = {":": ";", "s": " ", "r": "\r", "n": "\n"}


def escape(value: str) -> str:
    """Return a tag's value as it goes into a line; NUL, which no line can hold, becomes a space."""
    return value.translate(_ESCAPES) if _ESCAPE.search(value) else value


def unescape(text: str) -> str:
    r"""Return the value that `text` stands for in a line.

    A backslash before any other character is dropped, and so is one at the very end. aircd's own client keeps the
    latter; `escape` never ends in a single one, so that both read the same.
    """
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: _MEANINGS.get(match.group(1), match.group(1)), text)


def read(text: str) -> dict[str, str]:
    """Return the tags of a line, given without `@`; of a key that stands twice the last value counts.

    A key without a value, or with an empty one, has the value "".
    """
    tags = {}
    for item in text.split(";"):
        key, _, value = item.partition("=")
        if key:
            tags[key] = unescape(value)
    return tags


def write(tags: Mapping[str, str]) -> str:
    """Return the tags as they stand in a line, without `@`; what is no tag's key is left out.

    An empty value is written as the key alone.
    """
    plain = ";".join([f"{key}={value}" if value else key for key, value in tags.items()])
    # Nearly all tags need no care: nothing in them has to be escaped, and `;` stands between them alone.
    careless = plain.isprintable() and " " not in plain and "\\" not in plain and plain.count(";") == len(tags) - 1
    if careless and all(map(_is_key, tags)):
        return plain
    return ";".join([f"{key}={escape(value)}" if value else key for key, value in tags.items() if _is_key(key)])


@lru_cache(maxsize=256)
def _is_key(text: str) -> bool:
    """Tell whether `text` can be a tag's key; there are few, and every line has the same."""
    return _KEY.fullmatch(text) is not None


def client_only(tags: Mapping[str, str]) -> dict[str, str]:
    """Return those of a client's tags that servers pass on, in their order."""
    return {key: value for key, value in tags.items() if _CLIENT_KEY.fullmatch(key)}
