import asyncio

import pytest

from airchat.protocol.channels import ModeChange
from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxKind, InboxState
from airchat.protocol.timestamps import SECOND
from tests.hub.core.hub import Hub, data


async def test_take_hands_out_again_after_thirty_seconds_until_acked(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    await hub.say(alice, "general", "for @mac-b")
    [first] = await hub.inbox.take(bob)
    assert first.message is not None
    assert first.channel is not None
    assert (first.message.content, first.channel.name, first.item.kind) == ("for @mac-b", "general", InboxKind.MENTION)
    hub.clock.forward(30 * SECOND)
    head = hub.bus.head
    assert await hub.inbox.take(bob) == []
    assert hub.bus.head == head
    hub.clock.forward(1)
    [again] = await hub.inbox.take(bob)
    assert (again.item.id, again.item.attempts) == (first.item.id, 2)
    assert await hub.inbox.ack(bob, [first.item.id, new_id(1)]) == 1
    assert await hub.inbox.ack(bob, [first.item.id]) == 0
    hub.clock.forward(60 * SECOND)
    assert (await hub.inbox.take(bob), await hub.inbox.pending(bob)) == ([], [])


async def test_take_is_oldest_first_and_by_one_taker(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    await hub.say(alice, "general", *(f"{number} @mac-b" for number in range(10)))
    first = await hub.inbox.take(bob, 2)
    assert [one.message.content for one in first if one.message] == ["0 @mac-b", "1 @mac-b"]
    taken = [first, *await asyncio.gather(*(hub.inbox.take(bob, 2) for _ in range(8)))]
    contents = [one.message.content for some in taken for one in some if one.message]
    assert sorted(contents) == sorted(f"{number} @mac-b" for number in range(10))
    assert len(await hub.inbox.pending(bob)) == 10


async def test_items_behind_another_are_read_on_page_by_page(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    sent = await hub.say(alice, "general", *(f"{number} @mac-b" for number in range(5)))
    for read in (hub.inbox.pending, hub.inbox.take):
        found: list[str | None] = []
        after = None
        while page := await read(bob, 2, after):
            found += [one.item.message_id for one in page]
            after = page[-1].item.id
        assert found == sent
    assert await hub.inbox.take(bob) == []


async def test_what_is_gone_or_not_to_be_seen_any_more_hides_nothing(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    gone = await hub.say(alice, "general", *["gone @mac-b"] * 3)
    await hub.say(alice, "ops", *["lost @mac-b"] * 3)
    kept = await hub.say(alice, "general", "kept @mac-b", "also @mac-b")
    for message_id in gone:
        await hub.messages.delete(alice, message_id)
    ops = hub.directory.channel_by_name("ops")
    assert ops is not None
    await hub.moderation.change(alice, ops, [ModeChange(True, "key", "sesame")])
    for read in (hub.inbox.pending, hub.inbox.take):
        assert [one.item.message_id for one in await read(bob, 1)] == kept[:1]
    assert [one.item.message_id for one in await hub.inbox.pending(bob, 2)] == kept
    assert [one.item.message_id for one in await hub.inbox.take(bob, 2)] == kept[1:]


async def test_reading_goes_on_behind_an_item_that_was_withdrawn_or_is_not_ones_own(hub: Hub) -> None:
    alice, bob, eve = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-e")]
    first, second, third = await hub.say(alice, "general", "1 @mac-b", "2 @mac-b @mac-e", "3 @mac-b")
    _, item, _ = await hub.inbox.pending(bob)
    [foreign] = await hub.inbox.pending(eve)
    assert [one.item.message_id for one in await hub.inbox.pending(bob, after=foreign.item.id)] == [second, third]
    await hub.messages.edit(alice, second, "2 @mac-e")
    assert [one.item.message_id for one in await hub.inbox.pending(bob)] == [first, third]
    assert [one.item.message_id for one in await hub.inbox.pending(bob, after=item.item.id)] == [third]


async def test_what_is_acknowledged_is_a_mention_that_was_read(hub: Hub) -> None:
    alice, bob, carol = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    await hub.say(alice, "general", "for @mac-b and @mac-c", "again @mac-b")
    first, _ = await hub.inbox.take(bob)
    await hub.inbox.ack(bob, [first.item.id])
    unread = {who.name: len(await hub.mentions.list(who)) for who in (bob, carol)}
    assert unread == {"mac-b": 1, "mac-c": 1}


async def test_receipts_show_the_sender_how_far_it_got(hub: Hub) -> None:
    alice, bob, carol, eve = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c", "mac-e")]
    [message_id] = await hub.say(alice, "general", "for @mac-b and @mac-c")
    [delivery] = await hub.inbox.take(bob)
    await hub.inbox.ack(bob, [delivery.item.id])
    await hub.inbox.take(carol)
    receipts = {who.name: item.state for who, item in await hub.inbox.receipts(alice, message_id)}
    assert receipts == {"mac-b": InboxState.ACKED, "mac-c": InboxState.DELIVERED}
    told = await hub.log(EventKind.INBOX_DELIVERED, EventKind.INBOX_ACKED)
    assert [(event.kind, data(event)["name"], data(event)["message_id"]) for event in told] == [
        (EventKind.INBOX_DELIVERED, "mac-b", message_id),
        (EventKind.INBOX_ACKED, "mac-b", message_id),
        (EventKind.INBOX_DELIVERED, "mac-c", message_id),
    ]
    for event in told:
        owner = bob if data(event)["name"] == "mac-b" else carol
        seen = {who.name for who in (alice, bob, carol, eve) if hub.directory.may_see_event(who.id, event)}
        assert seen == {"mac-a", owner.name}
    with pytest.raises(NotFound):
        await hub.inbox.receipts(alice, new_id(1))


async def test_ack_of_others_items_does_nothing(hub: Hub) -> None:
    alice, bob, eve = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-e")]
    await hub.say(alice, "general", "for @mac-b")
    [delivery] = await hub.inbox.pending(bob)
    assert await hub.inbox.ack(eve, [delivery.item.id]) == 0
    assert len(await hub.inbox.take(bob)) == 1


async def test_deleted_messages_are_acked_on_the_way(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [gone, kept] = await hub.say(alice, "general", "gone @mac-b", "kept @mac-b")
    await hub.messages.delete(alice, gone)
    assert [one.item.message_id for one in await hub.inbox.pending(bob)] == [kept]
    assert [one.item.message_id for one in await hub.inbox.take(bob)] == [kept]
    [(_, item)] = await hub.inbox.receipts(alice, gone)
    assert item.state is InboxState.ACKED
