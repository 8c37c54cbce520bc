"""Machines and invites in memory."""

from dataclasses import replace

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Machine
from store.memory.tables import Tables
from store.ports.machines import Invite


class MemoryMachines:
    """See `store.ports.machines.Machines`."""

    def __init__(self, tables: Tables) -> None:
        self._machines = tables.machines
        self._invites = tables.invites

    async def save(self, machine: Machine) -> None:
        """Insert the machine, or replace its key and active flag."""
        holder = await self.by_name(machine.name)
        if holder is not None and holder.id != machine.id:
            raise Conflict(f"The machine name {machine.name} is taken")
        if (known := self._machines.get(machine.id)) is not None:
            machine = replace(known, public_key=machine.public_key, active=machine.active)
        self._machines.put(machine.id, machine)

    async def by_name(self, name: str) -> Machine | None:
        """Return the machine with that name."""
        return next((row for row in self._machines.rows() if row.name == name), None)

    async def all(self) -> list[Machine]:
        """Return every machine by name."""
        return sorted(self._machines.rows(), key=lambda row: row.name)

    async def add_invite(self, invite: Invite) -> None:
        """Store a new one-use code."""
        self._invites.put(invite.code_hash, invite)

    async def invite(self, code_hash: str) -> Invite | None:
        """Return the code."""
        return self._invites.get(code_hash)

    async def use_invite(self, code_hash: str, at: int) -> Invite | None:
        """Mark the code used and return it."""
        invite = self._invites.get(code_hash)
        if invite is None or invite.used_at is not None or invite.expires_at <= at:
            return None
        used = replace(invite, used_at=at)
        self._invites.put(code_hash, used)
        return used

    async def forget_invites(self, before: int) -> None:
        """Forget what expired for long."""
        for invite in self._invites.rows():
            if invite.expires_at < before:
                self._invites.remove(invite.code_hash)
