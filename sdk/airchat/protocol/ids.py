"""Identifiers: lower-case UUIDs, version 7, so that they sort by creation time."""

import random
import re

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(now: int) -> str:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7) for the moment `now` (microseconds)."""
    moment = now // 1000 & 0xFFFF_FFFF_FFFF
    chance = random.getrandbits(74)  # an id is no secret, and the system's source is slow
    return (
        f"{moment >> 16:08x}-{moment & 0xFFFF:04x}-7{chance >> 62:03x}-"
        f"{0x8000 | chance >> 48 & 0x3FFF:04x}-{chance & 0xFFFF_FFFF_FFFF:012x}"
    )


def moment_of(id: str) -> int:
    """Return the millisecond in which an id of version 7 was made, in microseconds."""
    return int(id[:13].replace("-", ""), 16) * 1000


def is_id(text: object) -> bool:
    """Tell whether `text` is a UUID in the only accepted spelling: lower case, with dashes."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None
