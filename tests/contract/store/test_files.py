import json
from dataclasses import replace
from functools import partial

import pytest

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.files import File
from airchat.protocol.principals import Principal
from store.ports.store import Store
from store.ports.unit import Unit
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


async def test_files_go_with_their_message(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    message, other = await world.post(channel, ann, "see file"), await world.post(channel, ann, "another")
    gone, stays = [
        File(world.id(), channel.id, ann.id, "a", f"general/{n}-a", 1, f"{n:064}", "text/plain", world.now, said.id)
        for n, said in enumerate((message, other))
    ]
    event = EventDraft(EventKind.FILE_SHARED, world.now, ann.id, subject_id=gone.id, data={"name": "a", "path": "p"})

    async def prepare(unit: Unit) -> list[File]:
        await unit.files.insert(gone, "key")
        await unit.files.insert(stays)
        await unit.events.append([event])
        return await unit.files.delete_with(message.id, world.now)

    nameless = replace(gone, name="", path="")
    assert await store.write(prepare) == [nameless]
    assert await store.write(lambda unit: unit.files.delete_with(message.id, world.now)) == []
    async with store.read() as unit:
        assert await unit.files.by_path(gone.path) is None
        assert await unit.files.by_path(gone.id) is None
        assert await unit.files.in_channel(channel.id, 10) == [stays]
        assert await unit.files.by_key(ann.id, "key") == nameless
        assert await unit.files.known([gone.sha256, stays.sha256]) == {stays.sha256}
        [logged] = [event for event in await unit.events.after(0, 100) if event.kind is EventKind.FILE_SHARED]
        assert json.loads(logged.data) == {"name": "", "path": ""}


async def test_file_without_a_message_is_deleted_once(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    gone, stays = await share(world, channel, ann, "general/1-a"), await share(world, channel, ann, "general/2-a")
    event = EventDraft(EventKind.FILE_SHARED, world.now, ann.id, subject_id=gone.id, data={"name": "a", "path": "p"})
    await store.write(lambda unit: unit.events.append([event]))
    nameless = replace(gone, name="", path="")
    assert await store.write(lambda unit: unit.files.delete(gone.id, world.now)) == nameless
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.files.delete(gone.id, world.now))
    async with store.read() as unit:
        assert await unit.files.in_channel(channel.id, 10) == [stays]
        [logged] = [event for event in await unit.events.after(0, 100) if event.kind is EventKind.FILE_SHARED]
        assert json.loads(logged.data) == {"name": "", "path": ""}


async def test_contents_are_collected_once_no_file_has_them(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    said = [await world.post(channel, ann, "see file") for _ in range(2)]
    for message in said:
        file = await share(world, channel, ann, f"general/{message.id}")
        await store.write(partial(_attach, file.id, message.id))

    async def to_collect() -> list[str]:
        async with store.read() as unit:
            return await unit.files.to_collect(10)

    found = []
    for message in said:
        await store.write(partial(_delete, message.id, world.now))
        found.append(await to_collect())
    assert found == [[], ["ab" * 32]]
    await store.write(lambda unit: unit.files.collected(["ab" * 32]))
    assert await to_collect() == []


async def _attach(file_id: str, message_id: str, unit: Unit) -> None:
    await unit.files.attach(file_id, message_id)


async def _delete(message_id: str, at: int, unit: Unit) -> None:
    await unit.files.delete_with(message_id, at)
