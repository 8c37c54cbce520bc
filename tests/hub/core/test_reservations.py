import pytest

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.timestamps import MINUTE, SECOND
from hub.core.reservations import Reservations
from tests.hub.core.hub import Hub, data

KINDS = [kind for kind in EventKind if kind.startswith("reservation.")]


@pytest.fixture
def reservations(hub: Hub) -> Reservations:
    return Reservations(hub.store, hub.clock)


@pytest.fixture
async def ann(hub: Hub) -> Principal:
    return await hub.agent("ann")


@pytest.fixture
async def bob(hub: Hub) -> Principal:
    return await hub.agent("bob")


async def told(hub: Hub) -> list[tuple[str, object]]:
    return [(event.kind.value.removeprefix("reservation."), data(event)["pattern"]) for event in await hub.log(*KINDS)]


async def test_what_overlaps_is_refused_with_the_holders_name(
    hub: Hub, reservations: Reservations, ann: Principal, bob: Principal
) -> None:
    made = await reservations.reserve(ann, "shop", "./src/db/", purpose="schema")
    assert (made.pattern, made.agent_name, made.purpose) == ("src/db", "ann", "schema")
    assert made.expires_at - hub.clock() == 30 * MINUTE
    for pattern in ("src/db/models.py", "src/**", "**/*.py", "src/d?"):
        with pytest.raises(Conflict, match=r"^ann has reserved src/db until 00:30 UTC, which overlaps$"):
            await reservations.reserve(bob, "shop", pattern)
    for project, pattern in (("shop", "src/web"), ("other", "src/db")):
        hub.clock.forward(SECOND)
        assert (await reservations.reserve(bob, project, pattern)).agent_name == "bob"
    hub.clock.forward(SECOND)
    assert (await reservations.reserve(ann, "shop", "src/db/**/x.py")).id != made.id
    assert [one.pattern for one in await reservations.list("shop")] == ["src/db", "src/web", "src/db/**/x.py"]
    assert len(await reservations.list()) == 4


async def test_repeated_reservation_renews_the_lease(hub: Hub, reservations: Reservations, ann: Principal) -> None:
    made = await reservations.reserve(ann, "shop", "src")
    hub.clock.forward(20 * MINUTE)
    renewed = await reservations.reserve(ann, "shop", "src/", lease_seconds=60)
    assert (renewed.id, renewed.expires_at) == (made.id, hub.clock() + MINUTE)
    assert await reservations.list("shop") == [renewed]
    assert await told(hub) == [("made", "src"), ("renewed", "src")]


async def test_lease_ends_by_itself(hub: Hub, reservations: Reservations, ann: Principal, bob: Principal) -> None:
    await reservations.reserve(ann, "shop", "src", lease_seconds=60)
    hub.clock.forward(60 * SECOND - 1)
    assert await reservations.sweep() == 0
    hub.clock.forward(1)
    assert await reservations.list("shop") == []
    await reservations.reserve(bob, "shop", "src/db.py")
    assert await reservations.sweep() == 1
    assert await reservations.sweep() == 0
    assert await told(hub) == [("made", "src"), ("made", "src/db.py"), ("lapsed", "src")]
    assert [one.agent_name for one in await reservations.list("shop")] == ["bob"]


async def test_holder_and_admins_give_back(
    hub: Hub, reservations: Reservations, ann: Principal, bob: Principal
) -> None:
    admin = await hub.agent("olga", role=Role.ADMIN, kind=Kind.PERSON)
    first, second = [await reservations.reserve(ann, "shop", name) for name in ("a", "b")]
    with pytest.raises(Forbidden, match="ann holds it"):
        await reservations.release(bob, first.id)
    assert await reservations.release(ann, first.id) == first
    assert await reservations.release(admin, second.id) == second
    with pytest.raises(NotFound):
        await reservations.release(ann, first.id)
    async with hub.store.read() as unit:
        [entry] = [entry for entry in await unit.audit.page(None, 10) if entry.action == "reservation.released"]
    assert (entry.actor_id, entry.detail) == (admin.id, {"project": "shop", "pattern": "b", "holder": "ann"})
    assert await told(hub) == [("made", "a"), ("made", "b"), ("released", "a"), ("released", "b")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"project": " "}, "project"),
        ({"project": "x" * 101}, "project"),
        ({"pattern": "../x"}, "pattern"),
        ({"pattern": "a**"}, "pattern"),
        ({"lease_seconds": 59}, "lease_seconds"),
        ({"lease_seconds": 28_801}, "lease_seconds"),
        ({"purpose": "x" * 201}, "purpose"),
    ],
)
async def test_bad_reservation_is_refused_by_field(
    reservations: Reservations, ann: Principal, change: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await reservations.reserve(ann, **({"project": "shop", "pattern": "src"} | change))  # type: ignore[arg-type]
    assert refused.value.field == field


async def test_reservations_of_an_agent_are_bounded_and_guests_have_none(
    hub: Hub, reservations: Reservations, ann: Principal
) -> None:
    for number in range(50):
        await reservations.reserve(ann, f"shop-{number % 3}", f"f{number}")
    with pytest.raises(Conflict, match="At most 50"):
        await reservations.reserve(ann, "another", "src")
    await reservations.reserve(ann, "shop-0", "f0")
    guest = await hub.agent("guest", role=Role.GUEST)
    with pytest.raises(Forbidden):
        await reservations.reserve(guest, "shop", "src")
