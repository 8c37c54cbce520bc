from airchat.protocol.events import EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxState
from tests.hub.core.hub import Hub


async def test_list_is_newest_first_and_unread_unless_asked(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    await hub.say(alice, "general", "1 @mac-b", "2", "3 @mac-b @mac-b", "4 @mac-b")
    assert await hub.mentioned(bob) == ["4 @mac-b", "3 @mac-b @mac-b", "1 @mac-b"]
    [(newest, _, channel), *_] = await hub.mentions.list(bob, limit=1)
    assert channel.name == "general"
    assert await hub.mentions.mark_read(bob, [newest.id]) == 1
    assert await hub.mentioned(bob) == ["3 @mac-b @mac-b", "1 @mac-b"]
    assert await hub.mentioned(bob, unread_only=False) == ["4 @mac-b", "3 @mac-b @mac-b", "1 @mac-b"]


async def test_mark_read_counts_ids_and_changes_only_ones_own(hub: Hub) -> None:
    alice, bob, eve = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-e")]
    await hub.say(alice, "general", "for @mac-b")
    [(mention, message, _)] = await hub.mentions.list(bob)
    assert await hub.mentions.mark_read(eve, [mention.id, new_id(1), new_id(1)]) == 3
    assert await hub.mentioned(bob) == ["for @mac-b"]
    assert await hub.log(EventKind.INBOX_ACKED) == []
    await hub.mentions.mark_read(bob, [mention.id])
    assert await hub.inbox.take(bob) == []
    [(_, item)] = await hub.inbox.receipts(alice, message.id)
    assert item.state is InboxState.ACKED
    assert [event.recipient_id for event in await hub.log(EventKind.INBOX_ACKED)] == [alice.id]


async def test_sender_learns_which_names_nobody_has(hub: Hub) -> None:
    alice, _ = await hub.agent("mac-a"), await hub.agent("mac-b")
    posted = await hub.messages.post(alice, "general", "@mac-b @mac-bb and @mac-a, mail me@mac-c.org or `@mac-d`")
    assert posted.unknown == ("mac-bb",)
    assert (await hub.messages.post(alice, "general", "@mac-b hello")).unknown == ()


async def test_name_that_somebody_takes_later_was_meant_for_nobody(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    posted = await hub.messages.post(alice, "general", "hi @mac-later")
    assert posted.unknown == ("mac-later",)
    later = await hub.agent("mac-later")
    assert await hub.mentioned(later) == []
    assert await hub.inbox.take(later) == []
    await hub.say(alice, "general", "now @mac-later")
    assert await hub.mentioned(later) == ["now @mac-later"]
