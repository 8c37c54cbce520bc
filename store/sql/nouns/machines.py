"""Machines and invites over SQL."""

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Machine
from store.ports.machines import Invite
from store.sql.session import Row, Session


def _machine_of(row: Row) -> Machine:
    return Machine(
        id=row["id"],
        name=row["name"],
        public_key=row["public_key"],
        created_at=row["created_at"],
        active=bool(row["active"]),
    )


def _invite_of(row: Row | None) -> Invite | None:
    if row is None:
        return None
    return Invite(
        id=row["id"],
        code_hash=row["code_hash"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        machine_name=row["machine_name"],
        used_at=row["used_at"],
    )


class SqlMachines:
    """Implements `store.ports.machines.Machines`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def save(self, machine: Machine) -> None:
        """See the port."""
        holder = await self._session.fetch_one("machines.by_name", machine.name)
        if holder is not None and holder["id"] != machine.id:
            raise Conflict(f"The machine name {machine.name} is taken.")
        await self._session.execute(
            "machines.save", machine.id, machine.name, machine.public_key, machine.created_at, machine.active
        )

    async def by_name(self, name: str) -> Machine | None:
        """See the port."""
        row = await self._session.fetch_one("machines.by_name", name)
        return None if row is None else _machine_of(row)

    async def all(self) -> list[Machine]:
        """See the port."""
        return [_machine_of(row) for row in await self._session.fetch("machines.all")]

    async def add_invite(self, invite: Invite) -> None:
        """See the port."""
        await self._session.execute(
            "machines.add_invite",
            invite.id,
            invite.code_hash,
            invite.created_by,
            invite.created_at,
            invite.expires_at,
            invite.machine_name,
            invite.used_at,
        )

    async def invite(self, code_hash: str) -> Invite | None:
        """See the port."""
        return _invite_of(await self._session.fetch_one("machines.invite", code_hash))

    async def use_invite(self, code_hash: str, at: int) -> Invite | None:
        """See the port."""
        return _invite_of(await self._session.fetch_one("machines.use_invite", code_hash, at))

    async def forget_invites(self, before: int) -> None:
        """See the port."""
        await self._session.execute("machines.forget_invites", before)
