"""Identifiers: lower-case UUIDs, version 7, so that they sort by creation time."""

import re
import secrets

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(now: int) -> str:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7) for the moment `now` (microseconds)."""
    random_a, random_b = secrets.randbits(12), secrets.randbits(62)
    value = (now // 1000 & (1 << 48) - 1) << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: object) -> bool:
    """Tell whether `text` is a UUID in the only accepted spelling: lower case, with dashes."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None
