import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from airchat.protocol.errors import Forbidden, HubError, InvalidInput, NotFound, Unauthenticated
from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import CredentialKind, Principal, Role
from airchat.protocol.timestamps import HOUR, MINUTE, SECOND
from hub.core.credentials import KEPT, Credentials
from store.ports.store import Store
from store.ports.unit import Unit
from tests.hub.core.conftest import noop
from tests.hub.core.fakes import START, FakeClock, add_principal


@pytest.fixture
async def bob(store: Store) -> Principal:
    return await add_principal(store, "bob")


async def refused(work: Awaitable[object]) -> type[HubError]:
    with pytest.raises(HubError) as error:
        await work
    return type(error.value)


async def test_token_is_shown_once_and_authenticates(store: Store, credentials: Credentials, bob: Principal) -> None:
    token, secret = await credentials.create_token(bob, None, "laptop", "read")
    assert (token.kind, token.slot, token.scope) == (CredentialKind.TOKEN, "laptop", "read")
    assert (secret[:4], len(secret)) == ("act_", 68)
    caller = await credentials.authenticate(secret)
    assert (caller.principal, caller.credential) == (bob, token)
    assert secret not in repr(await credentials.list(bob))


@pytest.mark.parametrize("secret", ["", "act_", "act_" + "0" * 64, "\0", "\ud800", "x" * 100_000])
async def test_unknown_secrets_are_refused(credentials: Credentials, secret: str) -> None:
    with pytest.raises(Unauthenticated, match=r"^Invalid API key$"):
        await credentials.authenticate(secret)


async def test_token_expires_to_the_microsecond_though_remembered(
    credentials: Credentials, clock: FakeClock, bob: Principal
) -> None:
    _, secret = await credentials.create_token(bob, None, "short", expires_at=START + SECOND)
    clock.forward(SECOND - 1)
    await credentials.authenticate(secret)
    clock.forward(1)
    assert await refused(credentials.authenticate(secret)) is Unauthenticated


async def test_revoked_token_is_refused_at_once(credentials: Credentials, bob: Principal) -> None:
    token, secret = await credentials.create_token(bob, None, "laptop")
    _, other = await credentials.create_token(bob, None, "phone")
    await credentials.authenticate(secret)
    await credentials.revoke(bob, token.id)
    await credentials.revoke(bob, token.id)
    assert await refused(credentials.authenticate(secret)) is Unauthenticated
    await credentials.authenticate(other)


async def test_lost_news_of_a_revocation_counts_within_thirty_seconds(
    store: Store, clock: FakeClock, credentials: Credentials, bob: Principal
) -> None:
    token, secret = await credentials.create_token(bob, None, "laptop")
    await credentials.authenticate(secret)
    store.listen(noop, noop)
    await credentials.revoke(bob, token.id)
    clock.forward(30 * SECOND - 1)
    await credentials.authenticate(secret)
    clock.forward(1)
    assert await refused(credentials.authenticate(secret)) is Unauthenticated


async def test_news_during_the_look_up_is_not_overtaken(
    store: Store, credentials: Credentials, bob: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, secret = await credentials.create_token(bob, None, "laptop")
    look_up = store.look_up

    async def slow_look_up(work: Any, access: Any = "api") -> Any:
        found = await look_up(work, access)
        await asyncio.create_task(credentials.revoke(bob, token.id))
        return found

    monkeypatch.setattr(store, "look_up", slow_look_up)
    await credentials.authenticate(secret)  # read before it was revoked
    monkeypatch.undo()
    assert await refused(credentials.authenticate(secret)) is Unauthenticated


async def test_deactivated_principal_is_refused_and_welcomed_back(
    store: Store, credentials: Credentials, bob: Principal
) -> None:
    _, secret = await credentials.create_token(bob, None, "laptop")
    await credentials.authenticate(secret)

    async def set_active(unit: Unit, *, active: bool) -> None:
        await unit.principals.save(replace(bob, active=active))

    await store.write(lambda unit: set_active(unit, active=False))
    credentials.observe([Event(1, EventKind.PRINCIPAL_CHANGED, START, None, None, None, bob.id, "{}")])
    assert await refused(credentials.authenticate(secret)) is Unauthenticated
    await store.write(lambda unit: set_active(unit, active=True))
    await credentials.authenticate(secret)


async def test_last_use_is_written_in_batches_every_five_minutes(
    store: Store, clock: FakeClock, credentials: Credentials, bob: Principal
) -> None:
    _, secret = await credentials.create_token(bob, None, "laptop")
    seen = []
    for step in (0, MINUTE, 4 * MINUTE):
        clock.forward(step)
        await credentials.authenticate(secret)
        await credentials.flush()
        seen.append((await credentials.list(bob))[0].last_used_at)
    assert seen == [START, START, START + 5 * MINUTE]


async def test_memory_of_callers_is_bounded(
    credentials: Credentials, bob: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.core.credentials._CACHED", 3)
    secrets = [(await credentials.create_token(bob, None, f"t{number}"))[1] for number in range(5)]
    for secret in secrets:
        await credentials.authenticate(secret)
    assert len(credentials._callers) == len(credentials._hashes[bob.id]) == 3


async def test_tokens_for_others_are_made_by_those_above(
    store: Store, credentials: Credentials, bob: Principal
) -> None:
    admin, owner = await add_principal(store, "ada", Role.ADMIN), await add_principal(store, "olga", Role.OWNER)
    guest = await add_principal(store, "gus", Role.GUEST)
    token, _ = await credentials.create_token(admin, "bob", "irc")
    assert token.principal_id == bob.id
    await credentials.create_token(owner, "ada", "irc")
    assert await refused(credentials.create_token(admin, "olga", "irc")) is Forbidden
    assert await refused(credentials.create_token(bob, "ada", "irc")) is Forbidden
    assert await refused(credentials.create_token(guest, None, "irc")) is Forbidden
    assert await refused(credentials.create_token(admin, "nobody", "irc")) is NotFound
    assert await refused(credentials.list(bob, "ada")) is Forbidden


async def test_tokens_of_others_are_not_found(store: Store, credentials: Credentials, bob: Principal) -> None:
    eve = await add_principal(store, "eve")
    token, secret = await credentials.create_token(bob, None, "laptop")
    assert await refused(credentials.revoke(eve, token.id)) is NotFound
    assert await refused(credentials.revoke(eve, "no such id")) is NotFound
    await credentials.authenticate(secret)


@pytest.mark.parametrize(
    ("label", "scope", "expires_at", "field"),
    [
        ("", "read", None, "label"),
        ("x" * 101, "read", None, "label"),
        ("a\nb", "read", None, "label"),
        ("a", "all", None, "scope"),
        ("a", "read", START, "expires_at"),
        ("a", "read", START - HOUR, "expires_at"),
    ],
)
async def test_token_rules_name_the_field(
    credentials: Credentials, bob: Principal, *, label: str, scope: str, expires_at: int | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        await credentials.create_token(bob, None, label, scope, expires_at)
    assert error.value.field == field


async def test_what_is_over_is_listed_for_a_while_and_then_forgotten(
    credentials: Credentials, clock: FakeClock, bob: Principal
) -> None:
    await credentials.create_token(bob, None, "short", expires_at=START + SECOND)
    revoked, _ = await credentials.create_token(bob, None, "revoked")
    live, secret = await credentials.create_token(bob, None, "live")
    clock.forward(2 * SECOND)
    await credentials.revoke(bob, revoked.id)
    clock.forward(KEPT - SECOND + 1)
    await credentials.forget()
    assert {it.id for it in await credentials.list(bob)} == {revoked.id, live.id}
    clock.forward(SECOND)
    await credentials.forget()
    assert [it.id for it in await credentials.list(bob)] == [live.id]
    assert (await credentials.authenticate(secret)).principal == bob
