"""What is said in a channel that modes keep others out of shows nowhere to them."""

import pytest

from airchat.protocol.channels import ModeChange
from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventKind
from tests.hub.core.hub import Hub


@pytest.mark.parametrize(("mode", "value"), [("secret", None), ("invite_only", None), ("key", "sesame")])
async def test_private_channel_shows_to_members_alone(hub: Hub, mode: str, value: str | None) -> None:
    maker, stranger = await hub.agent("maker"), await hub.agent("stranger")
    channel = await hub.channels.open(maker, "cellar")
    [said] = await hub.say(maker, "cellar", "the treasure is here, @stranger")
    assert [hit.message.id for hit in await hub.search.messages(stranger, "treasure")] == [said]
    await hub.moderation.change(maker, channel, [ModeChange(True, mode, value)])
    [again] = await hub.say(maker, "cellar", "the treasure was moved, @stranger")

    assert await hub.search.messages(stranger, "treasure") == []
    assert await hub.mentions.list(stranger, unread_only=False) == []
    assert [row.channel.name for row in await hub.channels.board(stranger)] == []
    with pytest.raises(NotFound):
        await hub.messages.get(stranger, said)
    with pytest.raises(NotFound):
        await hub.channels.members(stranger, "cellar")
    events = await hub.log(EventKind.MESSAGE_CREATED)
    assert [hub.directory.may_see_event(stranger.id, event) for event in events] == [False, False]

    assert {hit.message.id for hit in await hub.search.messages(maker, "treasure")} == {said, again}
    assert (await hub.messages.get(maker, said)).message.id == said
    await hub.moderation.change(maker, channel, [ModeChange(False, mode, value)])
    assert {hit.message.id for hit in await hub.search.messages(stranger, "treasure")} == {said, again}
