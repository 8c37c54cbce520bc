from dataclasses import replace

import pytest

from airchat.protocol.errors import Conflict
from airchat.protocol.principals import Credential, CredentialKind, Principal
from store.ports.store import Store
from tests.contract.store.world import World


async def add(
    world: World,
    who: Principal,
    kind: CredentialKind,
    secret_hash: str,
    *,
    slot: str = "",
    expires_in: int | None = None,
) -> Credential:
    made = Credential(world.id(), who.id, kind, slot, "write", world.now)
    if expires_in is not None:
        made = replace(made, expires_at=made.created_at + expires_in)
    await world.store.write(lambda unit: unit.credentials.add(made, secret_hash), access="registration")
    return made


async def whose(store: Store, secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
    async with store.read() as unit:
        return await unit.credentials.authenticate(secret_hash, at)


async def live(store: Store, principal: Principal) -> list[str]:
    async with store.read() as unit:
        return [row.id for row in await unit.credentials.of(principal.id) if row.revoked_at is None]


async def test_keys_and_tokens_authenticate(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob", active=False)
    key = await add(world, ann, CredentialKind.AGENT_KEY, "key-hash", slot="ann")
    token = await add(world, bob, CredentialKind.TOKEN, "token-hash", slot="phone")
    assert await whose(store, "key-hash", world.now) == (key, ann)
    assert await whose(store, "token-hash", world.now) == (token, bob)  # inactive: the caller decides
    assert await whose(store, "key-has", world.now) is None


async def test_passwords_and_login_links_do_not_authenticate(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    await add(world, ann, CredentialKind.PASSWORD, "argon2")
    await add(world, ann, CredentialKind.LOGIN_LINK, "link")
    assert await whose(store, "argon2", world.now) is None
    assert await whose(store, "link", world.now) is None


async def test_expired_token_does_not_authenticate(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    token = await add(world, ann, CredentialKind.TOKEN, "hash", expires_in=100)
    assert await whose(store, "hash", token.created_at + 99) == (token, ann)
    assert await whose(store, "hash", token.created_at + 100) is None


async def test_new_key_replaces_the_live_one_of_its_slot_only(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    await add(world, ann, CredentialKind.AGENT_KEY, "old", slot="ann")
    kept = [
        await add(world, ann, CredentialKind.AGENT_KEY, "second name", slot="ann-2"),
        await add(world, bob, CredentialKind.AGENT_KEY, "other agent", slot="ann"),
        await add(world, ann, CredentialKind.TOKEN, "token", slot="ann"),
    ]
    new = await add(world, ann, CredentialKind.AGENT_KEY, "new", slot="ann")

    assert await whose(store, "old", world.now) is None
    assert await whose(store, "new", world.now) == (new, ann)
    for secret, credential in zip(("second name", "other agent", "token"), kept, strict=True):
        found = await whose(store, secret, world.now)
        assert found is not None
        assert found[0] == credential
    assert await live(store, ann) == [new.id, kept[2].id, kept[0].id]


async def test_same_key_may_be_stored_again(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    await add(world, ann, CredentialKind.AGENT_KEY, "hash", slot="ann")
    again = await add(world, ann, CredentialKind.AGENT_KEY, "hash", slot="ann")
    assert await whose(store, "hash", world.now) == (again, ann)
    assert await live(store, ann) == [again.id]


async def test_secret_is_live_with_one_principal_only(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    key = await add(world, ann, CredentialKind.AGENT_KEY, "hash", slot="ann")
    with pytest.raises(Conflict):
        await add(world, bob, CredentialKind.AGENT_KEY, "hash", slot="bob")
    assert await whose(store, "hash", world.now) == (key, ann)
    await store.write(lambda unit: unit.credentials.revoke(key.id, world.now))
    taken_over = await add(world, bob, CredentialKind.AGENT_KEY, "hash", slot="bob")
    assert await whose(store, "hash", world.now) == (taken_over, bob)


async def test_tokens_of_one_label_live_side_by_side(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    one = await add(world, ann, CredentialKind.TOKEN, "one", slot="phone")
    two = await add(world, ann, CredentialKind.TOKEN, "two", slot="phone")
    assert await whose(store, "one", world.now) == (one, ann)
    assert await live(store, ann) == [two.id, one.id]


async def test_new_password_replaces_the_old(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    for secret in ("old", "new"):
        await add(world, ann, CredentialKind.PASSWORD, secret)
    await add(world, ann, CredentialKind.TOKEN, "token")
    async with store.read("registration") as unit:
        assert await unit.credentials.secret_hash(ann.id, CredentialKind.PASSWORD) == "new"
        assert await unit.credentials.secret_hash(bob.id, CredentialKind.PASSWORD) is None


async def test_revoked_credential_is_good_for_nothing(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    token = await add(world, ann, CredentialKind.TOKEN, "token")
    password = await add(world, ann, CredentialKind.PASSWORD, "password")
    at = world.tick()

    async def revoke(credential_id: str, moment: int) -> bool:
        return await store.write(lambda unit: unit.credentials.revoke(credential_id, moment))

    assert await revoke(token.id, at)
    assert await revoke(password.id, at)
    assert not await revoke(token.id, world.tick())
    assert not await revoke(world.id(), at)

    assert await whose(store, "token", world.now) is None
    async with store.read("registration") as unit:
        assert await unit.credentials.secret_hash(ann.id, CredentialKind.PASSWORD) is None
        assert await unit.credentials.get(token.id) == replace(token, revoked_at=at)
        assert await unit.credentials.of(ann.id) == [
            replace(password, revoked_at=at),
            replace(token, revoked_at=at),
        ]


async def test_login_link_works_once(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    await add(world, ann, CredentialKind.LOGIN_LINK, "link", expires_in=100)
    await add(world, ann, CredentialKind.TOKEN, "token")

    async def use(secret_hash: str, slot: str = "") -> Principal | None:
        return await store.write(
            lambda unit: unit.credentials.use_login_link(slot, secret_hash, world.now), access="registration"
        )

    assert await use("token") is None
    assert await use("unknown") is None
    late = await add(world, ann, CredentialKind.LOGIN_LINK, "late", expires_in=100)
    assert await use("link") is None  # a second has passed: it expired
    assert await use("late", "another purpose") is None
    assert await use("late") == ann
    assert await use("late") is None
    async with store.read() as unit:
        assert await unit.credentials.get(late.id) == replace(late, revoked_at=world.now)


async def test_last_use_moves_forward(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    token = await add(world, ann, CredentialKind.TOKEN, "token")
    other = await add(world, ann, CredentialKind.TOKEN, "other")
    idle = await add(world, ann, CredentialKind.TOKEN, "idle")
    for at in (20, 10):
        await store.write(lambda unit, at=at: unit.credentials.used({token.id: at, other.id: 5}))  # type: ignore[misc]
    async with store.read() as unit:
        used = [replace(other, last_used_at=5), replace(token, last_used_at=20)]
        assert await unit.credentials.of(ann.id) == [idle, *used]
        assert await unit.credentials.get(world.id()) is None


async def test_forms_of_a_password_are_kept_side_by_side(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    for secret in ("old", "new"):
        await add(world, ann, CredentialKind.PASSWORD, f"argon2 of {secret}", slot="password")
        await add(world, ann, CredentialKind.SCRAM, f"keys of {secret}", slot="password")
    async with store.read("registration") as unit:
        assert await unit.credentials.secret_hash(ann.id, CredentialKind.PASSWORD) == "argon2 of new"
        assert await unit.credentials.secret_hash(ann.id, CredentialKind.SCRAM) == "keys of new"
    assert len(await live(store, ann)) == 2
    assert await whose(store, "keys of new", world.now) is None


async def test_certificate_is_found_as_nothing_else(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob", active=False)
    laptop = await add(world, ann, CredentialKind.CERTIFICATE, "laptop", slot="certificate")
    phone = await add(world, ann, CredentialKind.CERTIFICATE, "phone", slot="certificate", expires_in=100)
    lost = await add(world, bob, CredentialKind.CERTIFICATE, "lost", slot="certificate")
    await add(world, ann, CredentialKind.TOKEN, "token")
    await store.write(lambda unit: unit.credentials.revoke(laptop.id, world.now))

    async def owner(secret_hash: str, at: int) -> tuple[Credential, Principal] | None:
        async with store.read("registration") as unit:
            return await unit.credentials.by_certificate(secret_hash, at)

    assert await owner("laptop", world.now) is None
    assert await owner("phone", phone.created_at + 99) == (phone, ann)
    assert await owner("phone", phone.created_at + 100) is None
    assert await owner("lost", world.now) == (lost, bob)  # inactive: the caller decides
    assert await owner("token", world.now) is None
    assert await whose(store, "phone", world.now) is None
    with pytest.raises(Conflict):
        await add(world, bob, CredentialKind.CERTIFICATE, "phone", slot="certificate")


async def test_what_is_revoked_or_expired_for_long_is_forgotten(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    kinds = (CredentialKind.TOKEN, CredentialKind.LOGIN_LINK, CredentialKind.CERTIFICATE)
    kept = [await add(world, ann, kind, f"live {kind}") for kind in kinds]
    kept.append(await add(world, ann, CredentialKind.TOKEN, "later", expires_in=1_000_000_000))
    password = await add(world, ann, CredentialKind.PASSWORD, "old")
    await add(world, ann, CredentialKind.TOKEN, "over", expires_in=1)
    revoked = await add(world, ann, CredentialKind.TOKEN, "revoked")
    kept.append(await add(world, ann, CredentialKind.PASSWORD, "new"))
    before = world.tick()
    late = await add(world, ann, CredentialKind.TOKEN, "late")
    kept.append(late)
    await store.write(lambda unit: unit.credentials.revoke(revoked.id, before - 1), access="registration")
    await store.write(lambda unit: unit.credentials.revoke(late.id, before), access="registration")
    async with store.read() as unit:
        assert password.id in [it.id for it in await unit.credentials.of(ann.id)]
    await store.write(lambda unit: unit.credentials.forget(before), access="registration")
    async with store.read() as unit:
        assert {it.id for it in await unit.credentials.of(ann.id)} == {it.id for it in kept}
    assert await whose(store, "revoked", 0) is None
    assert await whose(store, f"live {CredentialKind.TOKEN}", world.now) is not None
