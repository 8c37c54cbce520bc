"""What a machine signs to register an agent. Ed25519 itself is where the keys are: `airchat.identity` and the hub."""

import hashlib
import json
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Registration:
    """The signed fields, in the order in which they are signed. `timestamp` is the text as sent."""

    machine_name: str
    agent_name: str
    derived_key_hash: str
    timestamp: str
    nonce: str

    def signed_bytes(self) -> tuple[bytes, ...]:
        """Return the byte strings a valid signature may cover.

        A compact JSON array; clients differ only in how they write characters outside ASCII: escaped or as UTF-8.
        """
        forms = (
            json.dumps(astuple(self), separators=(",", ":"), ensure_ascii=ascii_only) for ascii_only in (True, False)
        )
        return tuple(dict.fromkeys(form.encode("utf-8", "surrogatepass") for form in forms))


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a key or token's text, 64 hex digits: the only form in which the hub keeps it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
