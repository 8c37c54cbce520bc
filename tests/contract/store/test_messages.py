import json
from dataclasses import replace
from typing import Any

from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.messages import Message, Revision
from airchat.protocol.rows import message_row
from store.ports.search import SearchQuery, Term
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


async def delete(store: Store, message: Message, at: int) -> Message | None:
    return await store.write(lambda unit: unit.messages.delete(message.id, at))


async def edit(store: Store, message: Message, content: str, editor: str, at: int) -> Message | None:
    return await store.write(lambda unit: unit.messages.edit(message.id, content, editor, at))


async def test_unknown_message(store: Store, world: World) -> None:
    unknown = world.id()

    async def work(unit: Unit) -> list[object]:
        return [
            await unit.messages.get(unknown),
            await unit.messages.edit(unknown, "text", unknown, world.now),
            await unit.messages.delete(unknown, world.now),
            await unit.messages.set_pinned(unknown, pinned=True),
            await unit.messages.thread(unknown, 10),
            await unit.messages.revisions(unknown),
            await unit.messages.page(unknown, 10),
        ]

    assert await store.write(work) == [None, None, None, False, [], [], []]


async def test_page_gives_the_newest_before_a_time_oldest_first(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, elsewhere = await world.channel("general"), await world.channel("elsewhere")
    written = []
    for number in range(6):
        written.append(await world.post(channel, ann, str(number)))
        await world.post(elsewhere, ann)
    await delete(store, written[3], world.tick())

    async with store.read() as unit:
        assert await unit.messages.page(channel.id, 3) == [written[2], written[4], written[5]]
        assert await unit.messages.page(channel.id, 2, before=written[4].created_at) == [written[1], written[2]]
        assert await unit.messages.page(channel.id, 9, before=written[1].created_at) == [written[0]]
        assert await unit.messages.page(channel.id, 9, before=written[0].created_at) == []


async def test_page_is_by_time_where_clocks_disagree(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    early, middle, late = [world.draft(channel, ann, text) for text in ("early", "middle", "late")]
    for draft in (late, early, middle):
        await store.append(draft)
    async with store.read() as unit:
        page = await unit.messages.page(channel.id, 10, before=late.created_at)
        assert [message.content for message in page] == ["early", "middle"]
        assert [message.content for message in await unit.messages.page(channel.id, 2)] == ["middle", "late"]
        assert [message.number for message in await unit.messages.page(channel.id, 9, after_number=1)] == [2, 3]


async def test_page_after_a_number_gives_the_first_above_it(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    written = [await world.post(channel, ann, str(number)) for number in range(6)]
    await delete(store, written[2], world.tick())

    async with store.read() as unit:
        assert await unit.messages.page(channel.id, 2, after_number=1) == [written[1], written[3]]
        assert await unit.messages.page(channel.id, 9, after_number=0) == [*written[:2], *written[3:]]
        assert await unit.messages.page(channel.id, 9, after_number=6) == []


async def test_direct_page_holds_all_own_conversations_and_nobody_elses(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    with_bob, with_cat = await world.direct(ann, bob), await world.direct(cat, ann)
    secret = await world.direct(bob, cat)
    public = await world.channel("general")
    written = []
    for number in range(3):
        written.append(await world.post(with_bob, bob, f"bob {number}"))
        await world.post(secret, bob, "not for ann")
        await world.post(public, ann, "not direct")
        written.append(await world.post(with_cat, ann, f"ann {number}"))
    await delete(store, written[4], world.tick())

    async with store.read() as unit:
        assert await unit.messages.direct_page(ann.id, 10, None) == [*written[:4], written[5]]
        assert await unit.messages.direct_page(ann.id, 2, None) == [written[3], written[5]]
        assert await unit.messages.direct_page(ann.id, 2, written[3].created_at) == written[1:3]
        assert await unit.messages.direct_page(world.id(), 10, None) == []


async def test_thread_holds_the_replies_oldest_first(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    root, other = await world.post(channel, ann), await world.post(channel, ann)
    replies = [await world.post(channel, ann, str(number), parent_id=root.id) for number in range(4)]
    await world.post(channel, ann, "elsewhere", parent_id=other.id)
    await delete(store, replies[1], world.tick())

    async with store.read() as unit:
        assert await unit.messages.thread(root.id, 10) == [replies[0], *replies[2:]]
        assert await unit.messages.thread(replies[0].id, 10) == []
        assert await unit.messages.count_replies(root.id) == 3


async def test_thread_is_read_in_pages_in_both_directions(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    root = await world.post(channel, ann)
    replies = [await world.post(channel, ann, str(number), parent_id=root.id) for number in range(6)]
    numbers = [reply.number for reply in replies]

    async with store.read() as unit:
        thread, count = unit.messages.thread, unit.messages.count_replies
        assert await thread(root.id, 2) == replies[4:]
        assert await thread(root.id, 2, before=numbers[4]) == replies[2:4]
        assert await thread(root.id, 2, after=numbers[1]) == replies[2:4]
        assert await thread(root.id, 9, before=numbers[0]) == await thread(root.id, 9, after=numbers[5]) == []
        assert (await count(root.id, before=numbers[2]), await count(root.id, after=numbers[2])) == (2, 3)


async def test_hops_of_a_message_are_set(store: Store, world: World) -> None:
    sent = await world.post(await world.channel("general"), await world.principal("ann"))
    await store.write(lambda unit: unit.messages.set_hops(sent.id, 7))
    async with store.read() as unit:
        assert await unit.messages.get(sent.id) == replace(sent, hops=7)


async def test_pins_of_a_channel(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, elsewhere = await world.channel("general"), await world.channel("elsewhere")
    written = [await world.post(channel, ann, str(number)) for number in range(4)]
    foreign = await world.post(elsewhere, ann)

    async def pin(message: Message, pinned: bool) -> bool:
        return await store.write(lambda unit: unit.messages.set_pinned(message.id, pinned=pinned))

    assert [await pin(message, True) for message in (written[2], written[0], written[3], foreign)] == [True] * 4
    assert await pin(written[2], True) is False
    assert await pin(written[1], False) is False
    assert await pin(written[0], False) is True
    await delete(store, written[3], world.tick())

    async with store.read() as unit:
        assert await unit.messages.pinned(channel.id) == [replace(written[2], pinned=True)]
        assert await unit.messages.get(written[0].id) == written[0]


async def test_edit_keeps_each_earlier_text(store: Store, world: World) -> None:
    ann, mod = await world.principal("ann"), await world.principal("mod")
    channel = await world.channel("general")
    message = await world.post(channel, ann, "first")
    other = await world.post(channel, ann, "other")
    at = [world.tick() for _ in range(2)]

    assert await edit(store, message, "second", ann.id, at[0]) == replace(message, content="second", edited_at=at[0])
    third = await edit(store, message, "third", mod.id, at[1])
    assert third == replace(message, content="third", edited_at=at[1])

    async with store.read() as unit:
        assert await unit.messages.get(message.id) == third
        assert await unit.messages.revisions(message.id) == [
            Revision(message.id, 1, "first", ann.id, at[0]),
            Revision(message.id, 2, "second", mod.id, at[1]),
        ]
        assert await unit.messages.get(other.id) == other
        assert await unit.messages.revisions(other.id) == []


async def test_edit_leaves_metadata_as_they_are_or_puts_others_in_their_place(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    message = await world.post(channel, ann, "first", metadata={"unfinished": True, "color": "red"})

    async def with_metadata(text: str, metadata: dict[str, Any] | None) -> Message | None:
        at = world.tick()
        return await store.write(lambda unit: unit.messages.edit(message.id, text, ann.id, at, metadata))

    for text, given, kept in (
        ("second", None, message.metadata),
        ("third", {"color": 'ünï "red"'}, {"color": 'ünï "red"'}),
        ("fourth", None, {"color": 'ünï "red"'}),
        ("fifth", {}, {}),
    ):
        edited = await with_metadata(text, given)
        assert edited is not None
        assert (edited.content, edited.metadata) == (text, kept)
        async with store.read() as unit:
            assert await unit.messages.get(message.id) == edited


async def test_delete_leaves_a_tombstone_and_no_trace_of_the_text(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    message = await world.post(channel, ann, "password swordfish", metadata={"hint": "swordfish"})
    other = await world.post(channel, ann, "swordfish recipes", metadata={"dish": "swordfish"})

    async def edited(unit: Unit) -> None:
        changed = await unit.messages.edit(message.id, "swordfish again", ann.id, world.now)
        assert changed is not None
        data = message_row(changed, channel)
        draft = EventDraft(EventKind.MESSAGE_EDITED, world.now, ann.id, channel.id, subject_id=message.id, data=data)
        await unit.events.append([draft])

    await store.write(edited)
    at = world.tick()
    tombstone = await delete(store, message, at)

    assert tombstone is not None
    assert tombstone == replace(message, content="", metadata={}, edited_at=tombstone.edited_at, deleted_at=at)
    async with store.read() as unit:
        assert await unit.messages.get(message.id) == tombstone
        assert await unit.messages.page(channel.id, 10) == [other]
        assert [row for row in await unit.messages.revisions(message.id) if row.content] == []
        events = await unit.events.after(0, 10)
        query = SearchQuery(((Term(("swordfish",)),),), ann.id)
        assert [hit.message for hit in await unit.search.messages(query)] == [other]
    assert [event.subject_id for event in events if "swordfish" in event.data] == [other.id]
    assert [(event.seq, event.kind) for event in events] == [
        (1, EventKind.MESSAGE_CREATED),
        (2, EventKind.MESSAGE_CREATED),
        (3, EventKind.MESSAGE_EDITED),
    ]
    created = json.loads(events[0].data)
    assert (created["id"], created["number"], created["content"]) == (message.id, 1, "")


async def test_tombstone_keeps_its_number_and_stays_as_it_is(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    message = await world.post(channel, ann, "gone", idempotency_key="k")
    tombstone = await delete(store, message, world.tick())

    assert await edit(store, message, "back again", ann.id, world.tick()) is None
    assert await delete(store, message, world.tick()) is None
    assert (await store.append(world.draft(channel, ann, idempotency_key="k"))).message == tombstone
    assert (await world.post(channel, ann, "next")).number == 2
    async with store.read() as unit:
        assert await unit.messages.get(message.id) == tombstone
