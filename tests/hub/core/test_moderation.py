from airchat.protocol.channels import ModeChange
from airchat.protocol.events import EventKind
from tests.hub.core.hub import Hub, data


async def test_modes_are_changed_and_told_in_one_event(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    channel = await hub.channels.open(alice, "general")
    await hub.channels.join(bob, "general")
    changes = [
        ModeChange(True, "moderated"),
        ModeChange(True, "key", "sesame"),
        ModeChange(True, "limit", "07"),
        ModeChange(True, "ban", "eve!*@*"),
        ModeChange(True, "voice", bob.id),
        ModeChange(False, "secret"),
        ModeChange(True, "ban", "EVE!*@*"),
    ]
    made = await hub.moderation.change(alice, channel, changes)
    assert made == [*changes[:2], ModeChange(True, "limit", "7"), *changes[3:5]]
    [event] = await hub.log(EventKind.CHANNEL_MODES_CHANGED)
    told = data(event)
    entry = {"mask": "eve!*@*", "by": "mac-a", "at": hub.clock()}
    assert told["modes"] == {"moderated": True, "key": "*", "limit": 7, "bans": [entry]}
    assert told["changes"] == [
        [True, "moderated", None, None],
        [True, "key", "*", "*"],
        [True, "limit", "7", "7"],
        [True, "ban", "eve!*@*", "eve!*@*"],
        [True, "voice", bob.id, "mac-b"],
    ]
    assert hub.directory.roles(channel.id, bob.id) == {"voice"}
    assert hub.directory.roles(channel.id, alice.id) == {"operator"}
    assert hub.directory.channel_by_name("general").modes == told["modes"]  # type: ignore[union-attr]
    assert await hub.moderation.change(alice, channel, changes) == []
    assert len(await hub.log(EventKind.CHANNEL_MODES_CHANGED)) == 1
