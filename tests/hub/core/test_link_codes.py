import pytest

from airchat.protocol.errors import Forbidden, NotFound, RateLimited, Unauthenticated
from airchat.protocol.principals import Principal, Role
from airchat.protocol.timestamps import MINUTE
from hub.core.link_codes import ATTEMPTS_PER_MINUTE, LinkCodes
from hub.core.passwords import Passwords
from hub.core.people import People
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock

WHO = "slack:T1:U1"


@pytest.fixture
def codes(store: Store, clock: FakeClock) -> LinkCodes:
    return LinkCodes(store, clock)


@pytest.fixture
def people(store: Store, clock: FakeClock) -> People:
    return People(store, clock, Passwords.cheap())


@pytest.fixture
async def owner(people: People) -> Principal:
    return (await people.create(None, "olga", role=Role.OWNER)).principal


async def test_code_works_once_however_it_is_typed(codes: LinkCodes, owner: Principal) -> None:
    code = await codes.create(owner, "olga")
    assert (await codes.use(code.lower().replace("-", " "), WHO)).name == "olga"
    with pytest.raises(Forbidden):
        await codes.use(code, WHO)


async def test_code_ends_after_a_while(codes: LinkCodes, owner: Principal, clock: FakeClock) -> None:
    code = await codes.create(owner, "olga")
    clock.forward(15 * MINUTE)
    with pytest.raises(Forbidden):
        await codes.use(code, WHO)


async def test_code_is_no_login_and_a_login_no_code(codes: LinkCodes, people: People, owner: Principal) -> None:
    code, secret = await codes.create(owner, "olga"), await people.login_link(owner, "olga")
    with pytest.raises(Unauthenticated):
        await people.use_login_link(code.replace("-", ""))
    with pytest.raises(Forbidden):
        await codes.use(secret, WHO)


async def test_codes_are_made_for_oneself_or_by_who_manages_people(
    codes: LinkCodes, people: People, owner: Principal
) -> None:
    bob = (await people.create(owner, "bob")).principal
    assert (await codes.use(await codes.create(bob, "bob"), WHO)).name == "bob"
    assert (await codes.use(await codes.create(owner, "bob"), WHO)).name == "bob"
    with pytest.raises(Forbidden):
        await codes.create(bob, "olga")
    with pytest.raises(NotFound):
        await codes.create(owner, "nobody")


async def test_code_of_a_deactivated_person_is_dead(codes: LinkCodes, people: People, owner: Principal) -> None:
    await people.create(owner, "bob")
    code = await codes.create(owner, "bob")
    await people.set_active(owner, "bob", active=False)
    with pytest.raises(Forbidden):
        await codes.use(code, WHO)
    with pytest.raises(Forbidden):
        await codes.create(owner, "bob")


async def test_guessing_is_slow(codes: LinkCodes, owner: Principal, clock: FakeClock) -> None:
    code = await codes.create(owner, "olga")
    for _ in range(ATTEMPTS_PER_MINUTE):
        with pytest.raises(Forbidden):
            await codes.use("AAAA-AAAA-AAAA", WHO)
    with pytest.raises(RateLimited):
        await codes.use(code, WHO)
    clock.forward(MINUTE)
    assert (await codes.use(code, WHO)).name == "olga"
