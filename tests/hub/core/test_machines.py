import asyncio
import re
from collections.abc import Awaitable

import pytest

from airchat.protocol.errors import HubError, RateLimited
from airchat.protocol.principals import Machine, Principal, Role
from airchat.protocol.timestamps import HOUR, MINUTE
from hub.core.audit import Audit
from hub.core.credentials import KEPT
from hub.core.machines import Machines
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock, add_principal

KEY, OTHER_KEY = "a" * 64, "b" * 64
IP = "10.0.0.1"


@pytest.fixture
def machines(store: Store, clock: FakeClock) -> Machines:
    return Machines(store, clock, "admin-secret")


@pytest.fixture
async def admin(store: Store) -> Principal:
    return await add_principal(store, "root", Role.ADMIN)


async def refusal(work: Awaitable[object]) -> tuple[int, str]:
    with pytest.raises(HubError) as refused:
        await work
    return refused.value.status, str(refused.value)


async def stored(store: Store, name: str) -> Machine | None:
    async with store.read("registration") as unit:
        return await unit.machines.by_name(name)


async def test_admin_secret_enrols_and_replaces(store: Store, machines: Machines) -> None:
    first = await machines.register("m", KEY, "admin-secret", IP)
    second = await machines.register("m", OTHER_KEY, "admin-secret", IP)
    assert (second.id, second.public_key) == (first.id, OTHER_KEY)
    assert await stored(store, "m") == second


async def test_admin_path_is_off_without_a_secret(store: Store, clock: FakeClock) -> None:
    answer = await refusal(Machines(store, clock).register("m", KEY, "", IP))
    assert answer == (501, "Machine registration is not enabled on this server")


@pytest.mark.parametrize(
    ("name", "key", "secret", "status", "text"),
    [
        ("Bad Name", "short", "wrong", 403, "Invalid admin secret"),
        ("m", KEY, "admin-secret\ud800", 403, "Invalid admin secret"),
        ("Bad Name", "short", "admin-secret", 400, "machine_name must have"),
        ("m" * 101, KEY, "admin-secret", 400, "machine_name must have"),
        ("m", "A" * 64, "admin-secret", 400, "public_key must be"),
        ("m", KEY + "\n", "admin-secret", 400, "public_key must be"),
    ],
)
async def test_admin_path_checks_secret_then_name_then_key(
    store: Store, machines: Machines, *, name: str, key: str, secret: str, status: int, text: str
) -> None:
    found_status, found_text = await refusal(machines.register(name, key, secret, IP))
    assert (found_status, found_text[: len(text)]) == (status, text)
    assert await stored(store, "m") is None


async def test_guessing_the_admin_secret_is_limited_over_a_restart(store: Store, clock: FakeClock) -> None:
    for number in range(10):
        answer = await refusal(Machines(store, clock, "admin-secret").register("m", KEY, f"guess-{number}", IP))
        assert answer[0] == 403
    with pytest.raises(RateLimited):
        await Machines(store, clock, "admin-secret").register("m", KEY, "admin-secret", IP)
    await Machines(store, clock, "admin-secret").register("m", KEY, "admin-secret", "10.0.0.2")


async def test_code_enrols_one_machine_once(store: Store, machines: Machines, admin: Principal) -> None:
    code = await machines.invite(admin)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code)
    machine = await machines.join(code.lower().replace("-", " "), "m", KEY, IP)
    assert await stored(store, "m") == machine
    used = "This code was used already, and enrols one machine only. Ask for a new one."
    assert await refusal(machines.join(code, "n", KEY, IP)) == (403, used)
    assert [entry.action for entry in await Audit(store).page(admin)] == ["machine.enrolled", "machine.invited"]


async def test_unusable_code_is_refused_with_its_reason(machines: Machines, admin: Principal, clock: FakeClock) -> None:
    late, for_other = await machines.invite(admin), await machines.invite(admin, "other", 2 * HOUR)
    clock.forward(HOUR)
    for code in ("AAAA-AAAA-AAAA", "", "\ud800"):
        assert await refusal(machines.join(code, "m", KEY, IP)) == (403, "Invalid or expired code")
    assert await refusal(machines.join(late, "m", KEY, IP)) == (403, "This code has expired. Ask for a new one.")
    another = 'This code was made for a machine of another name than "m". Enrol under that name.'
    assert await refusal(machines.join(for_other, "m", KEY, IP)) == (403, another)
    assert (await machines.join(for_other, "other", KEY, IP)).name == "other"


async def test_code_that_expired_long_ago_is_forgotten(machines: Machines, admin: Principal, clock: FakeClock) -> None:
    old = await machines.invite(admin)
    clock.forward(HOUR + KEPT)
    await machines.forget()
    assert await refusal(machines.join(old, "m", KEY, IP)) == (403, "This code has expired. Ask for a new one.")
    new = await machines.invite(admin)
    clock.forward(1)
    await machines.forget()
    assert await refusal(machines.join(old, "m", KEY, IP)) == (403, "Invalid or expired code")
    assert (await machines.join(new, "m", KEY, IP)).name == "m"


async def test_machine_that_lost_the_answer_joins_again(machines: Machines, admin: Principal) -> None:
    code = await machines.invite(admin, "m")
    machine = await machines.join(code, "m", KEY, IP)
    assert await machines.join(code, "m", KEY, IP) == machine
    assert (await refusal(machines.join(code, "m", OTHER_KEY, IP)))[0] == 403
    await machines.revoke(admin, "m")
    assert (await refusal(machines.join(code, "m", KEY, IP)))[0] == 403


async def test_code_does_not_take_over_a_machine_it_was_not_made_for(
    store: Store, machines: Machines, admin: Principal
) -> None:
    known = await machines.add(admin, "m", KEY)
    code = await machines.invite(admin)
    status, told = await refusal(machines.join(code, "m", OTHER_KEY, IP))
    assert (status, "--name NAME" in told, "machines invite m" in told) == (409, True, True)
    assert await stored(store, "m") == known
    assert (await machines.join(code, "n", OTHER_KEY, IP)).name == "n"
    named = await machines.invite(admin, "m")
    assert (await machines.join(named, "m", OTHER_KEY, IP)).public_key == OTHER_KEY


async def test_code_is_won_by_one_of_many(machines: Machines, admin: Principal) -> None:
    code = await machines.invite(admin)
    results = await asyncio.gather(
        *(machines.join(code, f"m{number}", KEY, f"10.0.1.{number}") for number in range(50)), return_exceptions=True
    )
    assert sum(isinstance(result, Machine) for result in results) == 1


async def test_guessing_codes_is_limited(machines: Machines, admin: Principal, clock: FakeClock) -> None:
    code = await machines.invite(admin)
    for _ in range(10):
        assert (await refusal(machines.join("AAAA-AAAA-AAAA", "m", KEY, IP)))[0] == 403
    assert (await refusal(machines.join(code, "m", KEY, IP)))[0] == 429
    clock.forward(MINUTE)
    assert (await machines.join(code, "m", KEY, IP)).name == "m"


@pytest.mark.parametrize("ttl", [0, MINUTE - 1, 8 * 24 * HOUR])
async def test_code_needs_a_sensible_time(machines: Machines, admin: Principal, ttl: int) -> None:
    assert (await refusal(machines.invite(admin, ttl=ttl)))[0] == 400


async def test_revoked_machine_is_listed_as_inactive(machines: Machines, admin: Principal) -> None:
    await machines.add(admin, "a", KEY)
    await machines.add(admin, "b", KEY)
    await machines.revoke(admin, "a")
    assert [(machine.name, machine.active) for machine in await machines.list(admin)] == [("a", False), ("b", True)]
    assert await refusal(machines.revoke(admin, "\0")) == (404, 'No machine is named "\0"')


async def test_members_manage_no_machines(store: Store, machines: Machines) -> None:
    bob = await add_principal(store, "bob")
    for work in (machines.add(bob, "m", KEY), machines.invite(bob), machines.list(bob), machines.revoke(bob, "m")):
        assert await refusal(work) == (403, "The role member may not manage machines")
