import pytest
from psycopg.errors import InsufficientPrivilege

from airchat.protocol.errors import Conflict, InvalidInput, RateLimited, Unauthenticated
from airchat.protocol.names import NAME_RULE
from airchat.protocol.principals import CredentialKind, Kind, Principal, Role
from airchat.protocol.timestamps import MINUTE
from hub.core.accounts import Accounts
from hub.core.audit import Audit
from hub.core.credentials import Credentials
from hub.core.limits import LoginLimits
from hub.core.passwords import Passwords
from hub.core.people import People
from store.ports.store import Store
from store.postgres.store import PostgresStore
from tests.hub.core.fakes import FakeClock, add_principal
from tests.hub.core.scram_client import ScramClient

IP = "10.0.0.1"
PASSWORD = "correct horse"
LONG = "\u20ac" * 200  # 600 bytes
PRINT = "ab" * 32


@pytest.fixture
def passwords() -> Passwords:
    return Passwords.cheap(shortest=8)


@pytest.fixture
def people(store: Store, clock: FakeClock, passwords: Passwords) -> People:
    return People(store, clock, passwords)


@pytest.fixture
def accounts(
    store: Store, clock: FakeClock, credentials: Credentials, people: People, passwords: Passwords
) -> Accounts:
    return Accounts(store, clock, credentials, people, passwords, b"secret" * 6)


@pytest.fixture
async def ada(accounts: Accounts) -> Principal:
    return await accounts.register("ada", PASSWORD, "10.9.9.9")


@pytest.fixture
async def owner(people: People) -> Principal:
    return (await people.create(None, "olga", role=Role.OWNER)).principal


async def scram(accounts: Accounts, name: str, password: str, ip: str = IP) -> str:
    """Log in, check the server's proof, and return who it was."""
    client = ScramClient(name, password.encode())
    login = await accounts.begin_scram(client.first, ip)
    who, answer = await accounts.end_scram(login, client.final(login.challenge.text))
    assert client.proves(answer)
    return who.name


async def test_account_made_for_oneself_is_a_members(accounts: Accounts, ada: Principal, store: Store) -> None:
    assert (ada.kind, ada.name, ada.role, ada.active) == (Kind.PERSON, "ada", Role.MEMBER, True)
    async with store.read() as unit:
        person = await unit.people.get(ada.id)
    assert person is not None
    assert person.email is None
    assert await accounts.by_password("ada", PASSWORD, IP) == ada
    assert await accounts.by_password("Ada", PASSWORD, IP) == ada


async def test_account_needs_a_free_name_and_a_password(accounts: Accounts, ada: Principal, store: Store) -> None:
    await add_principal(store, "robot", kind=Kind.AGENT)
    for name in ("ada", "Ada", "robot"):
        with pytest.raises(Conflict, match="is taken"):
            await accounts.register(name, PASSWORD, IP)
    for name in ("a_da", "Åda", "a", "system", "x-slack-bridge", "\0"):
        with pytest.raises(InvalidInput) as error:
            await accounts.register(name, PASSWORD, IP)
        assert NAME_RULE in str(error.value)
    with pytest.raises(InvalidInput, match="8-1000 characters"):
        await accounts.register("eve", "short", IP)
    async with store.read() as unit:
        assert await unit.principals.by_name("eve") is None


async def test_accounts_of_one_address_are_limited(accounts: Accounts, clock: FakeClock) -> None:
    for number in range(5):
        await accounts.register(f"one-{number}", PASSWORD, IP)
    with pytest.raises(RateLimited):
        await accounts.register("one-more", PASSWORD, IP)
    await accounts.register("somebody-else", PASSWORD, "10.0.0.2")
    clock.forward(MINUTE)
    await accounts.register("one-more", PASSWORD, IP)


async def test_scram_logs_in_whoever_has_a_password(
    accounts: Accounts, people: People, owner: Principal, store: Store
) -> None:
    await people.create(owner, "bob", password=PASSWORD)
    assert await scram(accounts, "bob", PASSWORD) == "bob"
    assert await scram(accounts, "BOB", PASSWORD) == "bob"
    with pytest.raises(Unauthenticated, match=r"^Invalid name or password$"):
        await scram(accounts, "bob", "wrong horse")
    entry = (await Audit(store).page(owner))[0]
    assert (entry.action, entry.detail) == ("person.logged_in", {"by": "scram"})


async def test_names_without_a_password_look_like_any_other(
    accounts: Accounts, people: People, owner: Principal, ada: Principal
) -> None:
    await people.create(owner, "gone", password=PASSWORD)
    await people.set_active(owner, "gone", active=False)
    for name in ("olga", "nobody", "gone", "\u00e9"):
        client = ScramClient(name, PASSWORD.encode())
        once = (await accounts.begin_scram(client.first, IP)).challenge.text.split(",")
        login = await accounts.begin_scram(client.first, "10.0.0.2")
        again = login.challenge.text.split(",")
        known = (await accounts.begin_scram(ScramClient("ada", b"").first, f"ip of {name}")).challenge.text.split(",")
        assert once[1:] == again[1:]
        assert once[0] != again[0]
        assert (len(again[1]), again[2]) == (len(known[1]), known[2])
        with pytest.raises(Unauthenticated, match=r"^Invalid name or password$"):
            await accounts.end_scram(login, client.final(login.challenge.text))


async def test_tries_are_limited_by_address_and_by_name_over_all_ways_in(
    accounts: Accounts, ada: Principal, clock: FakeClock
) -> None:
    for number in range(10):
        with pytest.raises(Unauthenticated):
            await accounts.by_password("ada", "wrong", f"10.0.1.{number}")
    with pytest.raises(RateLimited):
        await scram(accounts, "ADA", PASSWORD, "10.0.2.1")
    clock.forward(MINUTE)
    for number in range(10):
        await accounts.begin_scram(f"n,,n=name-{number},r=abc", IP)
    with pytest.raises(RateLimited):
        await accounts.by_password("ada", PASSWORD, IP)
    assert await scram(accounts, "ada", PASSWORD, "10.0.2.1") == "ada"


def six(number: int, network: int = 1) -> str:
    return f"2001:db8:0:{network}::{number + 1:x}"


async def test_all_addresses_of_a_network_are_one(accounts: Accounts, ada: Principal) -> None:
    for number in range(5):
        await accounts.register(f"one-{number}", PASSWORD, six(number))
    with pytest.raises(RateLimited):
        await accounts.register("one-more", PASSWORD, six(5))
    await accounts.register("one-more", PASSWORD, six(5, network=2))
    for number in range(5):
        await accounts.begin_scram(f"n,,n=name-{number},r=abc", six(number))
        with pytest.raises(Unauthenticated):
            await accounts.by_password(f"name-{number}", PASSWORD, six(5 + number))
    with pytest.raises(RateLimited):
        await scram(accounts, "ada", PASSWORD, six(10))
    with pytest.raises(RateLimited):
        await accounts.by_password("ada", PASSWORD, six(11))
    assert await scram(accounts, "ada", PASSWORD, six(10, network=2)) == "ada"


async def test_guests_of_a_network_have_one_host(accounts: Accounts) -> None:
    assert accounts.disguised(six(1)) == accounts.disguised(six(2)) != accounts.disguised(six(1, network=2))
    assert accounts.disguised("::ffff:192.0.2.1") == accounts.disguised("192.0.2.1") != accounts.disguised("192.0.2.2")


async def test_limits_can_be_others(
    store: Store, clock: FakeClock, credentials: Credentials, people: People, passwords: Passwords
) -> None:
    strict = Accounts(store, clock, credentials, people, passwords, b"", LoginLimits(1, 1, 1))
    await strict.register("ada", PASSWORD, IP)
    with pytest.raises(RateLimited):
        await strict.register("bob", PASSWORD, IP)
    await strict.begin_scram("n,,n=ada,r=abc", IP)
    with pytest.raises(RateLimited):
        await strict.begin_scram("n,,n=ada,r=abc", "10.0.0.2")


@pytest.mark.parametrize("password", [LONG, "x" * 1000, "pass\u00a0word", "\u05d0-mixed-1"])
async def test_every_character_of_a_password_counts(accounts: Accounts, password: str) -> None:
    await accounts.register("ada", password, IP)
    assert (await accounts.by_password("ada", password, IP)).name == "ada"
    for wrong in (password[:-1], password + "x", password[: len(password) // 2]):
        with pytest.raises(Unauthenticated):
            await accounts.by_password("ada", wrong, f"for {wrong[-1]} {len(wrong)}")


async def test_long_password_works_with_scram(accounts: Accounts) -> None:
    await accounts.register("ada", LONG, IP)
    assert await scram(accounts, "ada", LONG) == "ada"
    with pytest.raises(Unauthenticated):
        await scram(accounts, "ada", LONG[:-1])


async def test_revoking_a_password_revokes_every_form_of_it(
    accounts: Accounts, credentials: Credentials, ada: Principal, owner: Principal
) -> None:
    kept = await credentials.list(owner, "ada")
    assert {each.kind for each in kept} == {CredentialKind.PASSWORD, CredentialKind.SCRAM}
    await credentials.revoke(ada, kept[0].id)
    assert all(each.revoked_at is not None for each in await credentials.list(owner, "ada"))
    with pytest.raises(Unauthenticated):
        await accounts.by_password("ada", PASSWORD, IP)
    with pytest.raises(Unauthenticated):
        await scram(accounts, "ada", PASSWORD)


async def test_certificate_logs_its_owner_in(accounts: Accounts, ada: Principal, credentials: Credentials) -> None:
    with pytest.raises(Unauthenticated):
        await accounts.by_certificate(PRINT)
    added = await accounts.add_certificate(ada, ":".join(["AB"] * 32), "laptop")
    assert await accounts.add_certificate(ada, PRINT) == added
    assert (added.kind, added.slot) == (CredentialKind.CERTIFICATE, "laptop")
    caller = await accounts.by_certificate(PRINT.upper())
    assert (caller.principal, caller.credential) == (ada, added)
    with pytest.raises(Unauthenticated):  # who knows a certificate does not have it
        await accounts.by_token(PRINT)
    await credentials.revoke(ada, added.id)
    with pytest.raises(Unauthenticated):
        await accounts.by_certificate(PRINT)


async def test_certificate_belongs_to_one(accounts: Accounts, ada: Principal, owner: Principal, people: People) -> None:
    await accounts.add_certificate(ada, PRINT)
    with pytest.raises(Conflict):
        await accounts.add_certificate(owner, PRINT)
    await people.set_active(owner, "ada", active=False)
    with pytest.raises(Unauthenticated):
        await accounts.by_certificate(PRINT)
    for text in ("", "ab" * 20, "g" * 64, "\u0661" * 64):
        with pytest.raises(InvalidInput):
            await accounts.add_certificate(owner, text)


async def test_token_says_who_and_what_it_is_for(accounts: Accounts, credentials: Credentials, ada: Principal) -> None:
    token, secret = await credentials.create_token(ada, None, "phone", "read")
    caller = await accounts.by_token(secret)
    assert (caller.principal.name, caller.credential.id, caller.credential.scope) == ("ada", token.id, "read")


async def test_roles_of_postgres_suffice(postgres_url: str, clock: FakeClock, passwords: Passwords) -> None:
    store = PostgresStore(postgres_url)
    await store.open()
    people = People(store, clock, passwords)
    accounts = Accounts(store, clock, Credentials(store, clock), people, passwords, b"secret")
    ada = await accounts.register("ada", PASSWORD, IP)
    await people.set_password(ada, "ada", LONG, PASSWORD)
    assert await scram(accounts, "ada", LONG) == "ada"
    added = await accounts.add_certificate(ada, PRINT)
    assert (await accounts.by_certificate(PRINT)).credential == added
    async with store.read() as unit:
        with pytest.raises(InsufficientPrivilege):
            await unit.credentials.secret_hash(ada.id, CredentialKind.SCRAM)
    async with store.read() as unit:
        with pytest.raises(InsufficientPrivilege):
            await unit.credentials.by_certificate("x", clock())
    await store.close()
