from dataclasses import replace

import pytest

from airchat.protocol.errors import Conflict
from store.ports.machines import Invite
from store.ports.store import Store
from tests.contract.store.world import World


def invite(world: World, code_hash: str, lifetime: int = 1_000) -> Invite:
    return Invite(world.id(), code_hash, None, world.now, world.now + lifetime, machine_name="laptop")


async def use(store: Store, code_hash: str, at: int) -> Invite | None:
    return await store.write(lambda unit: unit.machines.use_invite(code_hash, at), access="registration")


async def test_machines_by_name(store: Store, world: World) -> None:
    zed, ann = await world.machine("zed"), await world.machine("ann")
    async with store.read("registration") as unit:
        assert await unit.machines.by_name("zed") == zed
        assert await unit.machines.by_name("nobody") is None
        assert await unit.machines.all() == [ann, zed]


async def test_save_replaces_key_and_active_flag_only(store: Store, world: World) -> None:
    machine, other = await world.machine("laptop"), await world.machine("other")
    wanted = replace(machine, public_key="cd" * 32, active=False)
    await store.write(lambda unit: unit.machines.save(replace(wanted, created_at=1)), access="registration")
    async with store.read("registration") as unit:
        assert await unit.machines.all() == [wanted, other]


async def test_machine_names_are_unique(store: Store, world: World) -> None:
    machine = await world.machine("laptop")
    with pytest.raises(Conflict):
        await world.machine("laptop")
    async with store.read("registration") as unit:
        assert await unit.machines.all() == [machine]


async def test_invite_is_used_once(store: Store, world: World) -> None:
    made, other = invite(world, "hash"), invite(world, "other")
    for each in (made, other):
        await store.write(lambda unit, each=each: unit.machines.add_invite(each), access="registration")  # type: ignore[misc]
    at = made.created_at + 1
    assert await use(store, "unknown", at) is None
    assert await use(store, "hash", at) == replace(made, used_at=at)
    assert await use(store, "hash", at + 1) is None
    assert await use(store, "other", at + 1) == replace(other, used_at=at + 1)


async def test_invite_expires(store: Store, world: World) -> None:
    made = invite(world, "hash", lifetime=1_000)
    await store.write(lambda unit: unit.machines.add_invite(made), access="registration")
    assert await use(store, "hash", made.expires_at) is None
    assert await use(store, "hash", made.expires_at - 1) == replace(made, used_at=made.expires_at - 1)
    async with store.read("registration") as unit:
        assert await unit.machines.invite("hash") == replace(made, used_at=made.expires_at - 1)
        assert await unit.machines.invite("unknown") is None


async def test_invite_that_expired_is_forgotten(store: Store, world: World) -> None:
    short, long = invite(world, "short", lifetime=1_000), invite(world, "long", lifetime=2_000_000)
    for made in (short, long):
        await store.write(lambda unit, it=made: unit.machines.add_invite(it), access="registration")  # type: ignore[misc]
    await store.write(lambda unit: unit.machines.forget_invites(long.expires_at), access="registration")
    async with store.read("registration") as unit:
        assert (await unit.machines.invite("short"), await unit.machines.invite("long")) == (None, long)
