"""The hub's own principals: `system`, as which whoever holds the machine acts, and `janitor`, which tidies up."""

from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.rows import principal_row
from hub.core.clock import Clock
from store.ports.store import Store
from store.ports.unit import Unit

SYSTEM = "system"
JANITOR = "janitor"


async def system_principal(store: Store, clock: Clock, name: str) -> Principal:
    """Return the hub's own principal of that reserved name, made on the first call: an owner without a secret."""
    async with store.read() as unit:
        known = await unit.principals.by_name(name)
    if known:
        return known
    now = clock()
    fresh = Principal(new_id(now), Kind.SYSTEM, name, Role.OWNER, now)

    async def create(unit: Unit) -> Principal:
        known = await unit.principals.by_name(name)
        if known:
            return known
        await unit.principals.save(fresh)
        event = EventDraft(EventKind.PRINCIPAL_CHANGED, now, fresh.id, subject_id=fresh.id, data=principal_row(fresh))
        await unit.events.append([event])
        return fresh

    return await store.write(create)
