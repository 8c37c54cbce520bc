import pytest

from airchat.protocol.errors import Unavailable
from hub.core.cursors import Cursors
from store.ports.store import Store
from tests.hub.core.fakes import FakeClock, add_principal


async def stored(store: Store, principal_id: str, device: str) -> int | None:
    async with store.read() as unit:
        cursor = await unit.cursors.get(principal_id, device)
    return cursor.seq if cursor is not None and cursor.device == device else None


async def test_confirmations_are_known_at_once_and_written_by_flush(store: Store, clock: FakeClock) -> None:
    ann = await add_principal(store, "ann")
    cursors = Cursors(store, clock)
    assert await cursors.load(ann.id, "phone") is None
    cursors.confirm(ann.id, "phone", 5)
    cursors.confirm(ann.id, "phone", 9)
    cursors.confirm(ann.id, "phone", 7)
    cursors.confirm(ann.id, "laptop", 3)
    assert await cursors.load(ann.id, "phone") == 9
    assert await stored(store, ann.id, "phone") is None

    await cursors.flush()

    assert await stored(store, ann.id, "phone") == 9
    assert await stored(store, ann.id, "laptop") == 3
    assert await Cursors(store, clock).load(ann.id, "phone") == 9


async def test_a_new_device_begins_where_the_furthest_one_is_and_stays_there(store: Store, clock: FakeClock) -> None:
    ann, bob = await add_principal(store, "ann"), await add_principal(store, "bob")
    cursors = Cursors(store, clock)
    cursors.confirm(ann.id, "phone", 5)
    await cursors.flush()
    cursors.confirm(ann.id, "desk", 7)
    assert await cursors.load(ann.id, "laptop") == 7
    cursors.confirm(ann.id, "phone", 9)
    for known in (cursors, Cursors(store, clock)):
        assert [await known.load(ann.id, device) for device in ("phone", "laptop")] == [9, 7]
        await cursors.flush()
    assert await cursors.load(bob.id, "phone") is None


async def test_confirming_less_than_is_stored_changes_nothing(store: Store, clock: FakeClock) -> None:
    ann = await add_principal(store, "ann")
    cursors = Cursors(store, clock)
    for seq in (9, 4):
        cursors.confirm(ann.id, "phone", seq)
        assert await cursors.load(ann.id, "phone") == 9
        await cursors.flush()
    assert await cursors.load(ann.id, "phone") == 9


async def test_what_cannot_be_written_is_written_later(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await add_principal(store, "ann")
    cursors = Cursors(store, clock)
    cursors.confirm(ann.id, "phone", 5)

    async def refuse(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", refuse)
        with pytest.raises(Unavailable):
            await cursors.flush()
    assert await cursors.load(ann.id, "phone") == 5
    await cursors.flush()
    assert await stored(store, ann.id, "phone") == 5


async def test_flush_keeps_what_is_confirmed_meanwhile(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await add_principal(store, "ann")
    cursors = Cursors(store, clock)
    cursors.confirm(ann.id, "phone", 5)
    write = store.write

    async def busy(work: object) -> object:
        cursors.confirm(ann.id, "phone", 8)
        return await write(work)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", busy)
        await cursors.flush()
    assert await stored(store, ann.id, "phone") == 5
    await cursors.flush()
    assert await stored(store, ann.id, "phone") == 8


async def test_flush_without_news_writes_nothing(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await add_principal(store, "ann")
    cursors = Cursors(store, clock)
    cursors.confirm(ann.id, "phone", 5)
    await cursors.flush()
    monkeypatch.setattr(store, "write", None)
    await cursors.flush()


async def test_the_devices_used_last_are_known(store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.core.cursors.DEVICES", 3)
    ann, bob = await add_principal(store, "ann"), await add_principal(store, "bob")
    cursors = Cursors(store, clock)
    for seq, device in enumerate(("old", "idle", "quiet", "moving"), 1):
        cursors.confirm(ann.id, device, seq)
        cursors.confirm(bob.id, device, seq)
        clock.forward(1)
        await cursors.flush()
    assert await cursors.load(ann.id, "quiet") == 3  # in use, though it has nothing to confirm
    cursors.confirm(ann.id, "moving", 9)
    clock.forward(1)
    await cursors.flush()
    assert await cursors.load(ann.id, "new") == 9
    clock.forward(1)
    await cursors.flush()
    known = [device for device in ("old", "idle", "quiet", "moving", "new") if await stored(store, ann.id, device)]
    assert known == ["quiet", "moving", "new"]
    assert await stored(store, bob.id, "old") == 1
