from dataclasses import replace

import pytest

from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Role
from hub.core.audit import Audit, entry_hash
from store.memory import MemoryStore
from store.ports.audit import AuditEntry
from store.ports.unit import Unit
from tests.hub.core.fakes import START, add_principal


@pytest.fixture
def store() -> MemoryStore:
    """A store whose rows can be tampered with."""
    return MemoryStore()


@pytest.fixture
async def trail(store: MemoryStore) -> list[AuditEntry]:
    """Five entries, oldest first."""

    async def record(unit: Unit) -> list[AuditEntry]:
        return [await Audit.record(unit, START + n, "a", "thing.done", f"s{n}", {"n": n, "b": [1]}) for n in range(5)]

    return await store.write(record)


def tamper(store: MemoryStore, entries: list[AuditEntry]) -> None:
    """Put other entries in the place of the trail."""
    store._tables.audit._rows = {entry.seq: entry for entry in entries}


async def test_trail_is_a_chain_that_holds(store: MemoryStore, trail: list[AuditEntry]) -> None:
    assert [entry.seq for entry in trail] == [1, 2, 3, 4, 5]
    assert [entry.previous_hash for entry in trail] == ["", *(entry.hash for entry in trail[:-1])]
    assert await Audit(store).verify() is None


async def test_empty_trail_holds(store: MemoryStore) -> None:
    assert await Audit(store).verify() is None


async def test_changed_entry_is_found(store: MemoryStore, trail: list[AuditEntry]) -> None:
    tamper(store, [*trail[:2], replace(trail[2], detail={"n": 99}), *trail[3:]])
    assert await Audit(store).verify() == 3


async def test_changed_entry_with_a_new_hash_is_found_at_its_successor(
    store: MemoryStore, trail: list[AuditEntry]
) -> None:
    forged = replace(trail[2], actor_id="innocent")
    tamper(store, [*trail[:2], replace(forged, hash=entry_hash(forged)), *trail[3:]])
    assert await Audit(store).verify() == 4


async def test_missing_entries_are_found(store: MemoryStore, trail: list[AuditEntry]) -> None:
    tamper(store, [*trail[:1], *trail[2:]])
    assert await Audit(store).verify() == 3
    tamper(store, trail[1:])
    assert await Audit(store).verify() == 2


async def test_page_is_newest_first_and_for_admins(store: MemoryStore, trail: list[AuditEntry]) -> None:
    admin, member = await add_principal(store, "root", Role.ADMIN), await add_principal(store, "bob")
    assert await Audit(store).page(admin, before=4, limit=2) == [trail[2], trail[1]]
    with pytest.raises(Forbidden, match="may not read the audit trail"):
        await Audit(store).page(member)
