"""Machines of tests: they enrol and sign registrations as real clients do."""

import base64
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from airchat.protocol.ids import new_id
from airchat.protocol.principals import Machine
from airchat.protocol.signing import Registration, hash_secret
from airchat.protocol.timestamps import to_iso
from hub.core.registration import RegistrationRequest
from store.ports.store import Store
from store.ports.unit import Unit
from tests.hub.core.fakes import START


@dataclass
class Signer:
    """A machine with its private key."""

    machine: Machine
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    async def enrolled(cls, store: Store, name: str = "mac", *, active: bool = True) -> "Signer":
        key = Ed25519PrivateKey.generate()
        machine = Machine(new_id(START), name, key.public_key().public_bytes_raw().hex(), START, active)

        async def save(unit: Unit) -> None:
            await unit.machines.save(machine)

        await store.write(save, "registration")
        return cls(machine, key)

    def request(
        self, agent_name: str, *, secret: str | None = None, at: int = START, card: Any = None, **changes: str
    ) -> RegistrationRequest:
        """Return a signed request; `changes` are made before signing."""
        key_hash = hash_secret(secret or secrets.token_hex(32))
        fields = Registration(self.machine.name, agent_name, key_hash, to_iso(at), secrets.token_hex(16))
        return self.signed(replace(fields, **changes), card)

    def signed(self, fields: Registration, card: Any = None) -> RegistrationRequest:
        signature = base64.b64encode(self.key.sign(fields.signed_bytes()[0])).decode()
        return RegistrationRequest(fields, signature, card, "10.0.0.1")
