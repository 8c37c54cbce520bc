"""One-use codes that people type: `XXXX-XXXX-XXXX`, 60 bits; only their hash is kept."""

import re
import secrets

from airchat.protocol.signing import hash_secret

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_MISREAD = str.maketrans("ILO", "110")
_GROUPS, _GROUP_LENGTH = 3, 4


def new_code() -> str:
    """Return a fresh code."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def code_hash(code: str) -> str:
    """Return what is kept of a code, typed in any case and with or without dashes."""
    return hash_secret(re.sub(r"[\s-]", "", code).upper().translate(_MISREAD))
