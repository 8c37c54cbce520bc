"""Identifiers: lower-case UUIDs, version 7, so that they sort by creation time."""

import random
import re

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(now: int) -> str:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7) for the moment `now` (microseconds)."""
    chance = random.getrandbits(74)  # an id is no secret, and the system's source is slow
    value = (now // 1000 & (1 << 48) - 1) << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: object) -> bool:
    """Tell whether `text` is a UUID in the only accepted spelling: lower case, with dashes."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None
