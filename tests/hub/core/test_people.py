from collections.abc import Awaitable

import pytest
from argon2 import PasswordHasher

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound, RateLimited, Unauthenticated
from airchat.protocol.principals import Principal, Role
from airchat.protocol.timestamps import MINUTE
from hub.core.audit import Audit
from hub.core.passwords import Passwords
from hub.core.people import People
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock, add_agent

IP = "10.0.0.1"
PASSWORD = "correct horse"


@pytest.fixture
def people(store: Store, clock: FakeClock) -> People:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return People(store, clock, Passwords(quick))


@pytest.fixture
async def owner(people: People) -> Principal:
    return (await people.create(None, "olga", role=Role.OWNER)).principal


@pytest.fixture
async def admin(people: People, owner: Principal) -> Principal:
    return (await people.create(owner, "ada", role=Role.ADMIN)).principal


async def refused(work: Awaitable[object]) -> type[HubError]:
    with pytest.raises(HubError) as error:
        await work
    return type(error.value)


async def test_only_the_first_owner_is_made_by_nobody(people: People) -> None:
    assert await refused(people.create(None, "bob")) is Forbidden
    first = await people.create(None, "olga", role=Role.OWNER)
    assert first.principal.role is Role.OWNER
    assert await refused(people.create(None, "eve", role=Role.OWNER)) is Forbidden


async def test_people_are_listed_for_admins(people: People, owner: Principal, admin: Principal) -> None:
    bob = await people.create(admin, "bob", " Bob  B. ", "bob@example.org")
    assert (bob.principal.display_name, bob.email, bob.principal.role) == ("Bob B.", "bob@example.org", Role.MEMBER)
    assert [person.principal.name for person in await people.list(admin)] == ["ada", "bob", "olga"]
    assert await refused(people.list(bob.principal)) is Forbidden


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Bad Name"),
        ("name", "system"),
        ("name", "\0"),
        ("email", "nobody"),
        ("email", "a b@c"),
        ("display_name", "x" * 101),
        ("display_name", "\ud800"),
        ("password", "short"),
        ("password", "x" * 1001),
    ],
)
async def test_rules_of_an_account_name_the_field(people: People, owner: Principal, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as error:
        await people.create(owner, **({"name": "bob"} | {field: value}))  # type: ignore[arg-type]
    assert error.value.field == field


async def test_name_of_an_agent_is_taken(store: Store, people: People, owner: Principal) -> None:
    await add_agent(store, "bob")
    assert await refused(people.create(owner, "bob")) is Conflict


async def test_admins_manage_no_admins(people: People, owner: Principal, admin: Principal) -> None:
    await people.create(admin, "bob")
    for work in (
        people.create(admin, "eve", role=Role.ADMIN),
        people.set_role(admin, "bob", Role.OWNER),
        people.set_role(admin, "olga", Role.MEMBER),
        people.set_active(admin, "olga", active=False),
        people.update(admin, "olga", display_name="x"),
        people.login_link(admin, "olga"),
    ):
        assert await refused(work) is Forbidden
    assert (await people.set_role(owner, "bob", Role.ADMIN)).principal.role is Role.ADMIN


async def test_last_active_owner_stays_one(people: People, owner: Principal) -> None:
    assert await refused(people.set_role(owner, "olga", Role.ADMIN)) is Conflict
    assert await refused(people.set_active(owner, "olga", active=False)) is Conflict
    await people.create(owner, "otto", role=Role.OWNER)
    await people.set_active(owner, "otto", active=False)
    assert await refused(people.set_role(owner, "olga", Role.ADMIN)) is Conflict
    await people.set_active(owner, "otto", active=True)
    assert (await people.set_role(owner, "olga", Role.ADMIN)).principal.role is Role.ADMIN


async def test_login_link_logs_in_once_within_its_time(people: People, owner: Principal, clock: FakeClock) -> None:
    secret, late = await people.login_link(owner, "olga"), await people.login_link(owner, "olga")
    clock.forward(15 * MINUTE - 1)
    assert (await people.use_login_link(secret)).name == "olga"
    clock.forward(1)
    for spent in (secret, late, "", "\ud800"):
        with pytest.raises(Unauthenticated, match="not valid any more"):
            await people.use_login_link(spent)


async def test_login_link_of_a_deactivated_person_is_dead(people: People, owner: Principal, admin: Principal) -> None:
    await people.create(owner, "bob")
    secret = await people.login_link(admin, "bob")
    await people.set_active(admin, "bob", active=False)
    assert await refused(people.use_login_link(secret)) is Unauthenticated
    assert await refused(people.login_link(admin, "bob")) is Forbidden
    assert await refused(people.login_link(admin, "nobody")) is NotFound


async def test_password_logs_in_and_all_failures_look_alike(people: People, owner: Principal) -> None:
    await people.create(owner, "bob", password=PASSWORD)
    await people.create(owner, "gone", password=PASSWORD)
    await people.set_active(owner, "gone", active=False)
    assert (await people.login("bob", PASSWORD, IP)).name == "bob"
    attempts = [("bob", "wrong"), ("olga", PASSWORD), ("nobody", PASSWORD), ("gone", PASSWORD), ("\0", "\ud800")]
    for name, password in attempts:
        with pytest.raises(Unauthenticated, match=r"^Invalid name or password$"):
            await people.login(name, password, IP)


async def test_unknown_names_cost_a_hash_too(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []
    matches = Passwords._matches

    def counting(self: Passwords, known: str, password: str) -> bool:
        verified.append(known)
        return matches(self, known, password)

    monkeypatch.setattr(Passwords, "_matches", counting)
    assert await refused(people.login("nobody", PASSWORD, IP)) is Unauthenticated
    assert len(verified) == 1


async def test_guessing_is_limited_by_address_and_by_name(
    people: People, owner: Principal, store: Store, clock: FakeClock
) -> None:
    await people.create(owner, "bob", password=PASSWORD)
    for number in range(10):
        assert await refused(people.login("bob", "wrong", f"10.0.1.{number}")) is Unauthenticated
    assert await refused(people.login("bob", PASSWORD, "10.0.2.1")) is not Unauthenticated
    assert await refused(People(store, clock).login("bob", PASSWORD, "10.0.2.1")) is not Unauthenticated
    clock.forward(MINUTE)
    for number in range(10):
        assert await refused(people.login(f"name-{number}", "wrong", IP)) is Unauthenticated
    assert await refused(people.login("bob", PASSWORD, IP)) is not Unauthenticated
    assert (await people.login("bob", PASSWORD, "10.0.2.1")).name == "bob"


async def test_changes_of_accounts_are_audited(people: People, owner: Principal, store: Store) -> None:
    await people.create(owner, "bob")
    await people.set_role(owner, "bob", Role.GUEST)
    await people.set_role(owner, "bob", Role.GUEST)
    entries = await Audit(store).page(owner)
    assert [(entry.action, entry.detail["role"]) for entry in entries] == [
        ("person.changed", "guest"),
        ("person.created", "member"),
        ("person.created", "owner"),
    ]


NEW = "battery staple"


async def test_admin_sets_the_password_of_others(people: People, owner: Principal, admin: Principal) -> None:
    bob = (await people.create(admin, "bob", password=PASSWORD)).principal
    assert (await people.set_password(admin, "bob", NEW)).principal == bob
    assert await refused(people.login("bob", PASSWORD, IP)) is Unauthenticated
    assert (await people.login("bob", NEW, IP)).name == "bob"
    assert await refused(people.set_password(bob, "olga", NEW)) is Forbidden
    assert await refused(people.set_password(admin, "olga", NEW)) is Forbidden
    assert await refused(people.set_password(admin, "nobody", NEW)) is NotFound
    assert await refused(people.set_password(owner, "bob", "short")) is InvalidInput
    assert (await people.login("bob", NEW, IP)).name == "bob"
    await people.set_password(admin, "ada", NEW)
    assert (await people.login("ada", NEW, IP)).name == "ada"


async def test_one_needs_the_old_password_to_set_ones_own(people: People, owner: Principal, clock: FakeClock) -> None:
    bob = (await people.create(owner, "bob", password=PASSWORD)).principal
    assert await refused(people.set_password(bob, "bob", NEW)) is InvalidInput
    assert await refused(people.set_password(bob, "bob", NEW, "wrong")) is Forbidden
    await people.set_password(bob, "bob", NEW, PASSWORD)
    assert (await people.login("bob", NEW, IP)).name == "bob"
    for _ in range(8):
        await refused(people.set_password(bob, "bob", PASSWORD, "wrong"))
    assert await refused(people.set_password(bob, "bob", PASSWORD, NEW)) is RateLimited
    clock.forward(MINUTE)
    await people.set_password(bob, "bob", PASSWORD, NEW)


async def test_first_password_needs_no_old_one(people: People, owner: Principal, store: Store) -> None:
    bob = (await people.create(owner, "bob")).principal
    await people.set_password(bob, "bob", NEW)
    assert (await people.login("bob", NEW, IP)).name == "bob"
    assert [entry.action for entry in await Audit(store).page(owner, limit=2)] == ["person.logged_in", "password.set"]
