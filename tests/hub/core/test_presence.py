import pytest

from airchat.protocol.errors import InvalidInput
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import MINUTE, SECOND
from tests.hub.core.hub import Hub


async def stored(hub: Hub, who: Principal) -> Principal:
    async with hub.store.read() as unit:
        found = await unit.principals.get(who.id)
    assert found is not None
    return found


async def test_touch_is_written_every_five_minutes(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    start = hub.clock()
    seen = []
    for _ in range(11):
        hub.presence.touch(alice)
        await hub.presence.flush()
        seen.append((await stored(hub, alice)).last_seen_at)
        hub.clock.forward(MINUTE)
    assert seen == [start] * 5 + [start + 5 * MINUTE] * 5 + [start + 10 * MINUTE]


async def test_heartbeat_is_written_every_thirty_seconds_unless_the_status_changes(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    start = hub.clock()
    for status, seen in ((None, 0), ("busy", 10), ("busy", 10), (" busy ", 10), (None, 40), ("", 50)):
        await hub.presence.heartbeat(alice, status)
        await hub.presence.flush()
        assert (await stored(hub, alice)).last_seen_at == start + seen * SECOND
        hub.clock.forward(10 * SECOND)
    assert (await stored(hub, alice)).status is None


@pytest.mark.parametrize("status", ["x" * 101, "a\nb", "\x00"])
async def test_heartbeat_refuses_statuses(hub: Hub, status: str) -> None:
    with pytest.raises(InvalidInput):
        await hub.presence.heartbeat(await hub.agent("mac-a"), status)


async def test_online_means_seen_within_ninety_seconds(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    hub.presence.touch(alice)
    assert (hub.presence.online(alice), hub.presence.online(bob)) == (True, False)
    hub.clock.forward(90 * SECOND)
    assert hub.presence.online(alice)
    hub.clock.forward(1)
    assert not hub.presence.online(alice)
    await hub.store.write(lambda unit: unit.principals.seen([bob.id], hub.clock()))
    assert hub.presence.online(await stored(hub, bob))


async def test_flush_that_fails_is_made_up_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await hub.agent("mac-a")
    hub.presence.touch(alice)

    async def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(hub.store, "write", fail)
        with pytest.raises(OSError, match="disk full"):
            await hub.presence.flush()
    await hub.presence.flush()
    assert (await stored(hub, alice)).last_seen_at == hub.clock()
