"""Checking text that callers send."""

import re

from airchat.protocol.errors import InvalidInput
from airchat.protocol.limits import length

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


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
        raise InvalidInput(f"{field} must be valid Unicode without NUL characters", field)
    return text


def checked_line(text: str, field: str, limit: int) -> str:
    """Return the text as one line, runs of blanks and line breaks as single spaces. Errors as in `checked_text`."""
    return checked_text(" ".join(text.split()), field, limit)
