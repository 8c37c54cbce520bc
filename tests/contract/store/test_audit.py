from store.ports.audit import AuditEntry
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


async def test_trail_is_read_newest_first(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    entries = [
        AuditEntry(1, world.tick(), None, "hub.started", None, {}, "", "hash-1"),
        AuditEntry(
            2, world.tick(), ann.id, "token.revoked", "tök", {"slot": "phone", "n": [1, None]}, "hash-1", "hash-2"
        ),
        AuditEntry(3, world.tick(), ann.id, "role.changed", ann.id, {}, "hash-2", "hash-3"),
    ]

    async def add_all(unit: Unit) -> list[AuditEntry | None]:
        newest = [await unit.audit.last()]
        for entry in entries:
            await unit.audit.add(entry)
            newest.append(await unit.audit.last())
        return newest

    assert await store.write(add_all) == [None, *entries]
    async with store.read() as unit:
        assert await unit.audit.last() == entries[2]
        assert await unit.audit.page(None, 10) == entries[::-1]
        assert await unit.audit.page(None, 2) == [entries[2], entries[1]]
        assert await unit.audit.page(3, 10) == [entries[1], entries[0]]
        assert await unit.audit.page(1, 10) == []
