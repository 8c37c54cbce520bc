import asyncio
import re
from collections.abc import Callable

import pytest

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, RateLimited, Unavailable
from airchat.protocol.principals import Role
from airchat.protocol.timestamps import DAY, HOUR, MINUTE
from hub.core import signups as module
from hub.core.limits import LoginLimits
from hub.core.passwords import Passwords
from hub.core.people import People
from hub.core.signups import ASKS_PER_NAME, HOLD_TIME, MAILS_PER_ADDRESS, MAILS_PER_IP, TRIES, Signups
from store.ports.people import Person
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock, add_principal
from tests.waiting import eventually

IP, OTHER = "10.0.0.1", "10.0.0.2"
PASSWORD = "correct horse"
ANN = "ann@example.org"


class Letters:
    """Keeps what is sent; can be down, or wait until it may send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.down: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def send(self, to: str, subject: str, text: str) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.down is not None:
            raise self.down
        self.sent.append((to, subject, text))

    @property
    def code(self) -> str:
        found = re.search(r"VERIFY \S+ (\S+)\n", self.sent[-1][2])
        assert found is not None
        return found[1]


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def passwords() -> Passwords:
    return Passwords.cheap(shortest=8)


@pytest.fixture
def signups(store: Store, clock: FakeClock, passwords: Passwords, letters: Letters) -> Signups:
    return Signups(store, clock, passwords, letters, "The\r\nHub", LoginLimits.none())


async def people_of(store: Store) -> dict[str, Person]:
    async with store.read() as unit:
        return {person.principal.name: person for person in await unit.people.all()}


async def test_an_account_is_made_once_its_address_is_proven(
    signups: Signups, letters: Letters, store: Store, clock: FakeClock, passwords: Passwords
) -> None:
    assert (await signups.ask("Ann", PASSWORD, ANN, IP)).name == "ann"
    assert await people_of(store) == {}
    ((to, subject, text),) = letters.sent
    assert (to, subject) == (ANN, "Your account on The Hub")
    for word in ("    ann\n", "The Hub", "60 minutes", "no account is made"):
        assert word in text
    assert PASSWORD not in text
    clock.forward(HOLD_TIME - 1)
    made = await signups.verify("ANN", letters.code.lower().replace("-", ""), IP)
    assert await people_of(store) == {"ann": Person(made, ANN)}
    assert (made.role, made.display_name) == (Role.MEMBER, "Ann")
    people = People(store, clock, passwords)
    assert await people.login("ann", PASSWORD, IP) == made
    with pytest.raises(Forbidden):
        await signups.verify("ann", letters.code, IP)


NO_ADDRESSES = (
    "",
    "*",
    "ann",
    "@example.org",
    "ann@",
    "ann@host",
    "a b@example.org",
    "a@b@example.org",
    "a@example.org, b@example.org",
    "Ann <a@example.org>",
    "a@example.org\nBcc: b@example.org",
    "a@example.org\r\n",
    " a@example.org",
    "-a@example.org",
    "a%b@example.org",
    "b!a@example.org",
    "stra\u00dfe@example.org",
    "\u212aim@example.org",
    "a@ex\u00e4mple.org",
    "a@[127.0.0.1]",
    "a@10.0.0.1",
    "a" * 65 + "@example.org",
    f"a@{'b.' * 130}org",
)


async def test_what_is_no_address_gets_no_mail(signups: Signups, letters: Letters) -> None:
    for email in NO_ADDRESSES:
        with pytest.raises(InvalidInput) as caught:
            await signups.ask("ann", PASSWORD, email, IP)
        assert caught.value.field == "email", email
    assert letters.sent == []


async def test_other_fields_have_their_rules(signups: Signups, letters: Letters, store: Store) -> None:
    await add_principal(store, "bob")
    wrong: list[tuple[str, str, type[Exception]]] = [
        ("b_b", PASSWORD, InvalidInput),
        ("a\nb", PASSWORD, InvalidInput),
        ("nickserv", PASSWORD, InvalidInput),
        ("ann", "short", InvalidInput),
        ("Bob", PASSWORD, Conflict),
    ]
    for name, password, error in wrong:
        with pytest.raises(error):
            await signups.ask(name, password, ANN, IP)
    assert letters.sent == []


async def test_wrong_codes_are_counted(signups: Signups, letters: Letters, store: Store) -> None:
    await signups.ask("ann", PASSWORD, ANN, IP)
    for _ in range(TRIES - 1):
        with pytest.raises(Forbidden):
            await signups.verify("ann", "0000-0000-0000", IP)
    for _ in range(TRIES):  # strangers try in vain, and use up nothing
        with pytest.raises(Forbidden):
            await signups.verify("ann", letters.code, OTHER)
    await signups.verify("ann", letters.code, IP)
    await signups.ask("bob", PASSWORD, "bob@example.org", IP)
    for code in ["", *["0000-0000-0000"] * (TRIES - 1), letters.code]:
        with pytest.raises(Forbidden):
            await signups.verify("bob", code, IP)
    assert list(await people_of(store)) == ["ann"]


async def test_nobody_gets_an_account_by_proving_it_for_another(signups: Signups, letters: Letters) -> None:
    await signups.ask("ann", "the evil one's", ANN, OTHER)
    with pytest.raises(Conflict, match="kept for somebody"):
        await signups.ask("ann", PASSWORD, ANN, IP)
    assert len(letters.sent) == 1
    with pytest.raises(Forbidden):
        await signups.verify("ann", letters.code, IP)


async def test_a_name_is_kept_for_an_hour_and_no_longer(
    signups: Signups, letters: Letters, clock: FakeClock, store: Store
) -> None:
    await signups.ask("ann", PASSWORD, ANN, IP)
    first = letters.code
    clock.forward(30 * MINUTE)
    await signups.ask("ann", PASSWORD, "ann@example.com", OTHER)  # whoever has the password corrects the address
    assert "30 minutes" in letters.sent[-1][2]
    second = letters.code
    with pytest.raises(Forbidden):
        await signups.verify("ann", first, IP)
    clock.forward(30 * MINUTE)
    with pytest.raises(Forbidden):
        await signups.verify("ann", second, OTHER)
    await signups.ask("ann", "another's one", "another@example.org", "10.0.0.3")
    await signups.verify("ann", letters.code, "10.0.0.3")
    assert (await people_of(store))["ann"].email == "another@example.org"


async def test_mails_are_limited(signups: Signups, letters: Letters, clock: FakeClock) -> None:
    for number in range(MAILS_PER_ADDRESS):
        await signups.ask(f"ann-{number}", PASSWORD, f"ann+{number}@example.org", f"10.0.1.{number}")
    for email in (ANN, "ANN+x@Example.org"):
        with pytest.raises(RateLimited):
            await signups.ask("ann-more", PASSWORD, email, IP)
    for number in range(MAILS_PER_IP):
        await signups.ask(f"bob-{number}", PASSWORD, f"bob-{number}@example.org", OTHER)
    with pytest.raises(RateLimited):
        await signups.ask("bob", PASSWORD, "bob@example.org", OTHER)
    assert len(letters.sent) == MAILS_PER_ADDRESS + MAILS_PER_IP
    clock.forward(HOUR)
    await signups.ask("ann", PASSWORD, ANN, OTHER)


async def test_all_addresses_of_a_network_are_one(signups: Signups, letters: Letters, store: Store) -> None:
    for number in range(ASKS_PER_NAME):
        await signups.ask("ann", PASSWORD, f"ann-{number}@example.org", f"2001:db8:0:1::{number:x}")
    with pytest.raises(RateLimited):
        await signups.ask("ann", PASSWORD, "ann-more@example.org", "2001:db8:0:1::99")
    for number in range(MAILS_PER_IP - ASKS_PER_NAME):
        await signups.ask(f"bob-{number}", PASSWORD, f"bob-{number}@example.org", f"2001:db8:0:1::{number:x}")
    with pytest.raises(RateLimited):
        await signups.ask("bob", PASSWORD, "bob@example.org", "2001:db8:0:1::99")
    await signups.ask("ann", PASSWORD, "ann-more@example.org", "2001:db8:0:2::1")
    with pytest.raises(Forbidden):
        await signups.verify("ann", letters.code, "2001:db8:0:1::1")
    assert (await signups.verify("ann", letters.code, "2001:db8:0:2::2")).name == "ann"
    assert list(await people_of(store)) == ["ann"]


async def test_all_mails_together_are_limited(
    signups: Signups, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAILS", 2)
    for number in range(2):
        await signups.ask(f"ann-{number}", PASSWORD, f"ann-{number}@example.org", f"fd00::{number}")
    with pytest.raises(RateLimited):
        await signups.ask("ann", PASSWORD, ANN, IP)
    assert len(letters.sent) == 2


async def test_a_name_cannot_be_held_again_and_again(signups: Signups, clock: FakeClock) -> None:
    for number in range(module.ASKS_PER_NAME):
        await signups.ask("ann", PASSWORD, f"ann-{number}@example.org", IP)
        clock.forward(HOUR)
    with pytest.raises(RateLimited):
        await signups.ask("ann", PASSWORD, ANN, IP)
    clock.forward(DAY)
    await signups.ask("ann", PASSWORD, ANN, IP)


async def test_limits_of_other_accounts_hold_too(
    store: Store, clock: FakeClock, passwords: Passwords, letters: Letters
) -> None:
    signups = Signups(store, clock, passwords, letters, "hub", LoginLimits(registrations_per_ip=1))
    await signups.ask("ann", PASSWORD, ANN, IP)
    with pytest.raises(RateLimited):
        await signups.ask("bob", PASSWORD, "bob@example.org", IP)


async def test_so_many_wait_and_no_more(
    signups: Signups, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, letters: Letters
) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    await signups.ask("ann", PASSWORD, ANN, IP)
    with pytest.raises(Unavailable):
        await signups.ask("bob", PASSWORD, "bob@example.org", IP)
    await signups.ask("ann", PASSWORD, ANN, IP)  # who waits already may ask again
    clock.forward(HOLD_TIME)
    await signups.ask("bob", PASSWORD, "bob@example.org", IP)
    assert [to for to, _, _ in letters.sent] == [ANN, ANN, "bob@example.org"]


async def test_without_mail_nothing_is_begun(signups: Signups, letters: Letters, store: Store) -> None:
    letters.down = Unavailable()
    with pytest.raises(Unavailable):
        await signups.ask("ann", PASSWORD, ANN, IP)
    letters.down = None
    await signups.ask("ann", "another's one", "another@example.org", OTHER)
    code, letters.down = letters.code, InvalidInput("no such mailbox", "email")
    with pytest.raises(InvalidInput):
        await signups.ask("ann", "another's one", "wrong@example.org", OTHER)
    await signups.verify("ann", code, OTHER)  # what was there is there still
    assert list(await people_of(store)) == ["ann"]


async def test_two_who_ask_at_once_are_one(signups: Signups, letters: Letters) -> None:
    asked = [signups.ask("ann", f"{PASSWORD} {number}", f"ann-{number}@example.org", IP) for number in range(3)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Principal"]
    assert len(letters.sent) == 1


async def test_who_goes_while_the_mail_is_sent_leaves_nothing(signups: Signups, letters: Letters) -> None:
    letters.gate = asyncio.Event()
    asking = asyncio.create_task(signups.ask("ann", PASSWORD, ANN, IP))
    await eventually(lambda: "ann" in signups._waiting)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert signups._waiting == {}


async def test_a_code_outlives_a_store_that_is_away(
    signups: Signups, letters: Letters, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(work: Callable[..., object], role: str = "api") -> None:
        raise Unavailable

    await signups.ask("ann", PASSWORD, ANN, IP)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", away)
        with pytest.raises(Unavailable):
            await signups.verify("ann", letters.code, IP)
    assert (await signups.verify("ann", letters.code, IP)).name == "ann"


async def test_a_name_that_is_taken_meanwhile_is_told(signups: Signups, letters: Letters, store: Store) -> None:
    await signups.ask("ann", PASSWORD, ANN, IP)
    await add_principal(store, "ann")
    with pytest.raises(Conflict, match="taken"):
        await signups.verify("ann", letters.code, IP)
    assert await people_of(store) == {}
