"""Checking text that callers send."""

import re
from typing import Any

from airchat.protocol.errors import InvalidInput
from airchat.protocol.limits import length

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(data: Any) -> Any:
    """Return a text, or JSON-like data with texts, with a replacement character for each that no database keeps."""
    if isinstance(data, str):
        return _UNSTORABLE.sub("\ufffd", data)
    if isinstance(data, dict):
        return {storable(key): storable(value) for key, value in data.items()}
    if isinstance(data, list):
        return [storable(each) for each in data]
    return data


def checked_text(text: str, field: str, limit: int) -> str:
    """Return the text without blanks at its ends.

    Raises:
        InvalidInput: it is empty, longer than `limit` UTF-16 code units, or holds what no database keeps: NUL, or half
            of a surrogate pair.
    """
    text = text.strip()
    if not text:
        raise InvalidInput(f"{field} is required", field)
    if length(text) > limit:
        raise InvalidInput(f"{field} is too long (max {limit} characters)", field)
    if _UNSTORABLE.search(text):
        raise InvalidInput(f"{field} must not contain NUL or half a surrogate pair", field)
    return text


def checked_line(text: str, field: str, limit: int) -> str:
    """Return the text as one line, runs of blanks and line breaks as single spaces. Errors as in `checked_text`."""
    return checked_text(" ".join(text.split()), field, limit)
