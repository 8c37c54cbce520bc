import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airchat.protocol.channels import Channel, Membership
from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.events import Event, EventKind
from airchat.protocol.inbox import InboxItem, InboxKind, InboxState
from airchat.protocol.messages import Mention, Message, Origin
from airchat.protocol.rows import message_row
from store.ports.messages import Addressee, Appended, MessageDraft
from store.ports.store import Store
from store.ports.unit import Unit
from tests.contract.store.world import World


async def append_all(store: Store, drafts: list[MessageDraft]) -> list[Appended]:
    return await store.write(lambda unit: unit.messages.append(drafts))


async def archive(store: Store, channel: Channel) -> None:
    await store.write(lambda unit: unit.channels.save(replace(channel, archived=True)))


async def test_append_writes_the_message_as_drafted(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    root = await world.post(channel, ann)
    draft = world.draft(
        channel,
        ann,
        'tëxt with "quotes", \\ and 🙂\n-- not; a comment',
        metadata={"nested": {"list": [1, 2.5, None, "é"]}},
        parent_id=root.id,
        idempotency_key="once",
        origin=Origin("slack", verified=False),
        hops=3,
        author_display="Ann O'Neil",
    )
    appended = await store.append(draft)

    expected = Message(
        id=draft.id,
        channel_id=channel.id,
        number=2,
        author_id=ann.id,
        author_name="ann",
        content=draft.content,
        created_at=draft.created_at,
        metadata=draft.metadata,
        parent_id=root.id,
        origin=Origin("slack", verified=False),
        hops=3,
        author_display="Ann O'Neil",
    )
    assert appended.message == expected
    assert not appended.repeated
    async with store.read() as unit:
        assert await unit.messages.get(draft.id) == expected
        assert await unit.messages.by_key(ann.id, "once") == expected
        stored = await unit.channels.get(channel.id)
    assert stored == replace(channel, last_number=2)


async def test_append_logs_the_row_and_whom_it_mentions(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    channel = await world.channel("general")
    only_inbox = Addressee(cat.id, InboxKind.DIRECT, inbox_id=world.id())
    addressees = (world.mentioned(bob), only_inbox, world.mentioned(bob))
    draft = world.draft(channel, ann, "héllo @bob @bob", addressees=addressees)
    appended = await store.append(draft)

    assert appended.event is not None
    assert json.loads(appended.event.data) == message_row(appended.message, channel) | {"mentions": [bob.id]}
    assert replace(appended.event, data="") == Event(
        seq=1,
        kind=EventKind.MESSAGE_CREATED,
        created_at=draft.created_at,
        actor_id=ann.id,
        channel_id=channel.id,
        recipient_id=None,
        subject_id=draft.id,
        data="",
    )
    async with store.read() as unit:
        assert await unit.events.after(0, 10) == [appended.event]


async def test_direct_message_hides_the_channel_name_in_the_log(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.direct(ann, bob)
    appended = await store.append(world.draft(channel, ann, "psst"))
    assert appended.event is not None
    row = json.loads(appended.event.data)
    assert (row["channel"], row["channel_name"]) == ("direct-messages", "direct-messages")


async def test_append_writes_mentions_and_inbox_items_once(store: Store, world: World) -> None:
    ann, bob, cat = [await world.principal(name) for name in ("ann", "bob", "cat")]
    channel = await world.channel("general")
    first, again, other = world.mentioned(bob), world.mentioned(bob), world.mentioned(cat)
    message = await world.post(channel, ann, "@bob @bob @cat", addressees=(first, again, other))

    async with store.read() as unit:
        mentions = await unit.messages.mentions_in(message.id)
        items = await unit.inbox.receipts(message.id)
    assert first.mention_id
    assert other.mention_id
    assert sorted(mentions, key=lambda row: row.mentioned_id) == [
        Mention(first.mention_id, message.id, channel.id, bob.id, ann.id, message.created_at),
        Mention(other.mention_id, message.id, channel.id, cat.id, ann.id, message.created_at),
    ]
    assert first.inbox_id
    assert other.inbox_id
    assert sorted(items, key=lambda row: row.principal_id) == [
        InboxItem(first.inbox_id, bob.id, InboxKind.MENTION, message.created_at, message.id, None, channel.id),
        InboxItem(other.inbox_id, cat.id, InboxKind.MENTION, message.created_at, message.id, None, channel.id),
    ]
    assert {item.state for item in items} == {InboxState.QUEUED}


async def test_append_makes_the_author_a_member_who_has_read_it(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel = await world.channel("general")
    joined = await world.join(channel, bob)
    first = await world.post(channel, ann)
    second = await world.post(channel, bob)

    async with store.read() as unit:
        assert await unit.channels.membership(channel.id, ann.id) == Membership(
            channel.id, ann.id, first.created_at, read_number=1, read_at=first.created_at
        )
        assert await unit.channels.membership(channel.id, bob.id) == replace(
            joined, read_number=2, read_at=second.created_at
        )


async def test_append_of_a_batch_numbers_each_channel_by_itself(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    one, other = await world.channel("one"), await world.channel("other")
    drafts = [world.draft(channel, author) for channel in (one, other, one, one, other) for author in (ann, bob)]
    appended = await append_all(store, drafts)

    assert [each.message.id for each in appended] == [draft.id for draft in drafts]
    assert [each.message.number for each in appended] == [1, 2, 1, 2, 3, 4, 5, 6, 3, 4]
    assert [each.event.seq for each in appended if each.event] == list(range(1, 11))
    async with store.read() as unit:
        memberships = [await unit.channels.membership(one.id, ann.id), await unit.channels.membership(one.id, bob.id)]
    assert [row.read_number for row in memberships if row] == [5, 6]


async def test_repeated_key_returns_the_first_message_and_writes_nothing(store: Store, world: World) -> None:
    ann, bob = await world.principal("ann"), await world.principal("bob")
    channel, elsewhere = await world.channel("general"), await world.channel("elsewhere")
    first = await world.post(channel, ann, "first", idempotency_key="k")

    again = await store.append(
        world.draft(elsewhere, ann, "second", idempotency_key="k", addressees=(world.mentioned(bob),))
    )

    assert again == Appended(first, None)
    assert again.repeated
    other = await store.append(world.draft(channel, bob, "a key is the author's own", idempotency_key="k"))
    assert other.message.number == 2
    async with store.read() as unit:
        assert await unit.messages.page(elsewhere.id, 10) == []
        assert await unit.channels.membership(elsewhere.id, ann.id) is None
        assert await unit.messages.mentions_of(bob.id, unread_only=False, limit=10) == []
        assert await unit.inbox.pending(bob.id, 10) == []
        assert await unit.events.head() == 2
        assert await unit.messages.by_key(ann.id, "k") == first
        assert await unit.messages.by_key(ann.id, "unknown") is None


async def test_repeated_key_within_a_batch(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    drafts = [world.draft(channel, ann, str(n), idempotency_key=key) for n, key in enumerate("abacb")]
    appended = await append_all(store, drafts)

    assert [each.message.content for each in appended] == ["0", "1", "0", "3", "1"]
    assert [each.repeated for each in appended] == [False, False, True, False, True]
    async with store.read() as unit:
        assert [message.number for message in await unit.messages.page(channel.id, 10)] == [1, 2, 3]
        assert await unit.events.head() == 3


async def test_one_key_sent_many_times_at_once(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    drafts = [world.draft(channel, ann, idempotency_key="k") for _ in range(50)]
    appended = await asyncio.gather(*map(store.append, drafts))
    assert len({each.message.id for each in appended}) == 1
    assert sum(not each.repeated for each in appended) == 1
    async with store.read() as unit:
        assert len(await unit.messages.page(channel.id, 100)) == 1


async def test_repeated_key_is_answered_though_the_channel_was_archived_since(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    first = await world.post(channel, ann, idempotency_key="k")
    await archive(store, channel)
    again = await store.append(world.draft(channel, ann, idempotency_key="k"))
    assert again == Appended(first, None)


async def test_archived_channel_refuses_the_whole_batch(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, archived = await world.channel("general"), await world.channel("archived")
    await archive(store, archived)
    drafts = [world.draft(channel, ann), world.draft(archived, ann)]

    with pytest.raises(Conflict):
        await append_all(store, drafts)
    with pytest.raises(Conflict):
        await store.append(drafts[1])

    async with store.read() as unit:
        assert await unit.messages.page(channel.id, 10) == []
        assert await unit.messages.page(archived.id, 10) == []
        assert await unit.events.head() == 0


async def test_append_that_a_use_case_survives_leaves_nothing(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, archived = await world.channel("general"), await world.channel("archived")
    await archive(store, archived)

    async def work(unit: Unit) -> bool:
        try:
            await unit.messages.append([world.draft(channel, ann), world.draft(archived, ann)])
        except Conflict:
            return True
        return False

    assert await store.write(work)
    async with store.read() as unit:
        assert await unit.messages.page(channel.id, 10) == []
        assert await unit.events.head() == 0


async def test_missing_channel_or_parent_is_refused(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel, elsewhere = await world.channel("general"), await world.channel("elsewhere")
    foreign = await world.post(elsewhere, ann)

    with pytest.raises(NotFound):
        await store.append(world.draft(replace(channel, id=world.id()), ann))
    with pytest.raises(NotFound):
        await store.append(world.draft(channel, ann, parent_id=world.id()))
    with pytest.raises(NotFound):
        await store.append(world.draft(channel, ann, parent_id=foreign.id))

    async with store.read() as unit:
        assert await unit.messages.page(channel.id, 10) == []
        assert await unit.events.head() == 1


async def test_reply_may_follow_its_parent_in_one_batch(store: Store, world: World) -> None:
    ann = await world.principal("ann")
    channel = await world.channel("general")
    parent = world.draft(channel, ann)
    appended = await append_all(store, [parent, world.draft(channel, ann, parent_id=parent.id)])
    async with store.read() as unit:
        assert await unit.messages.thread(parent.id, 10) == [appended[1].message]


async def test_empty_batch(store: Store) -> None:
    assert await append_all(store, []) == []


KEYS = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))
BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), KEYS), max_size=6), max_size=5)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
async def test_numbers_and_log_stay_dense_whatever_is_sent(
    store: Store, world: World, batches: list[list[tuple[int, int, str | None]]]
) -> None:
    """Compared with a model: a list of texts per channel and a dictionary of keys."""
    authors = [await world.principal(f"author-{world.id()}") for _ in range(2)]
    channels = [await world.channel(f"channel-{world.id()}") for _ in range(3)]
    async with store.read() as unit:
        head = await unit.events.head()
    texts: dict[str, list[str]] = {channel.id: [] for channel in channels}
    first: dict[tuple[str, str], str] = {}
    for batch in batches:
        drafts = [world.draft(channels[c], authors[a], str(world.now), idempotency_key=key) for c, a, key in batch]
        appended = await append_all(store, drafts)
        for draft, done in zip(drafts, appended, strict=True):
            key = (draft.author_id, draft.idempotency_key or draft.id)
            assert done.repeated == (key in first)
            assert done.message.content == first.setdefault(key, draft.content)
            if done.event is not None:
                head += 1
                texts[draft.channel.id].append(draft.content)
                assert (done.event.seq, done.message.number) == (head, len(texts[draft.channel.id]))
    async with store.read() as unit:
        for channel_id, expected in texts.items():
            page = await unit.messages.page(channel_id, 100)
            assert [message.content for message in page] == expected
            assert [message.number for message in page] == list(range(1, len(expected) + 1))
        assert await unit.events.head() == head
