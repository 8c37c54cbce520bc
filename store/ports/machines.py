"""Port: machines and the one-use codes that enrol them."""

from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.principals import Machine


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-use code, stored by hash, with which a machine enrols itself."""

    id: str
    code_hash: str
    created_by: str | None
    created_at: int
    expires_at: int
    machine_name: str | None = None
    used_at: int | None = None


class Machines(Protocol):
    """Hosts that may register agents."""

    async def save(self, machine: Machine) -> None:
        """Insert the machine, or replace key and active flag of the one with that id.

        Raises:
            Conflict: another machine has the name.
        """
        ...

    async def by_name(self, name: str) -> Machine | None:
        """Return the machine, active or not, with its public key."""
        ...

    async def all(self) -> list[Machine]:
        """Return every machine by name."""
        ...

    async def add_invite(self, invite: Invite) -> None:
        """Store a new one-use code."""
        ...

    async def invite(self, code_hash: str) -> Invite | None:
        """Return the code, used, expired or not."""
        ...

    async def use_invite(self, code_hash: str, at: int) -> Invite | None:
        """Mark the code used and return it; None when it is unknown, used or expired at `at`."""
        ...

    async def forget_invites(self, before: int) -> None:
        """Forget the codes that expired before that moment."""
        ...
