from dataclasses import replace

import pytest

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict
from airchat.protocol.files import File
from airchat.protocol.principals import Principal
from store.ports.store import Store
from tests.contract.store.world import World


async def share(world: World, channel: Channel, uploader: Principal, path: str) -> File:
    made = File(world.id(), channel.id, uploader.id, "ä b.txt", path, 12, "ab" * 32, "text/plain", world.now)
    await world.store.write(lambda unit: unit.files.insert(made))
    return made


async def test_files_by_path_and_channel(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, other = await world.channel("general"), await world.channel("other")
    files = [await share(world, channel, ann, f"general/{number}-a.txt") for number in range(3)]
    foreign = await share(world, other, ann, "other/0-a.txt")
    async with store.read() as unit:
        assert await unit.files.by_path("general/1-a.txt") == files[1]
        assert await unit.files.by_path("other/0-a.txt") == foreign
        assert await unit.files.by_path("general/1-a") is None
        assert await unit.files.in_channel(channel.id, 10) == files[::-1]
        assert await unit.files.in_channel(channel.id, 2) == [files[2], files[1]]
        assert await unit.files.in_channel(world.id(), 10) == []


async def test_path_is_taken_once(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first = await share(world, channel, ann, "general/1-a.txt")
    with pytest.raises(Conflict):
        await share(world, channel, ann, "general/1-a.txt")
    async with store.read() as unit:
        assert await unit.files.in_channel(channel.id, 10) == [first]


async def test_file_is_found_by_its_key_which_is_taken_once(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")

    async def insert(uploader: Principal, path: str, key: str | None) -> File:
        file = File(world.id(), channel.id, uploader.id, "a", path, 1, f"{len(path):064}", "text/plain", world.now)
        await store.write(lambda unit: unit.files.insert(file, key))
        return file

    first = await insert(ann, "general/1-a", "k")
    other = await insert(bob, "general/2-aa", "k")
    for path in ("general/3-a", "general/4-a"):
        await insert(ann, path, None)
    with pytest.raises(Conflict):
        await insert(ann, "general/5-a", "k")
    async with store.read() as unit:
        assert await unit.files.by_key(ann.id, "k") == first
        assert await unit.files.by_key(bob.id, "k") == other
        assert await unit.files.by_key(ann.id, "no") is None
        assert await unit.files.known([first.sha256, "0" * 64]) == {first.sha256}


async def test_attach_notes_the_message(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    file, other = await share(world, channel, ann, "general/1-a"), await share(world, channel, ann, "general/2-a")
    message = await world.post(channel, ann, "see file")
    await store.write(lambda unit: unit.files.attach(file.id, message.id))
    async with store.read() as unit:
        assert await unit.files.in_channel(channel.id, 10) == [other, replace(file, message_id=message.id)]
