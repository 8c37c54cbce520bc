import asyncio

import orjson
import pytest

from airchat.protocol.channels import ModeChange
from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Kind, Role
from hub.core.direct import ALL_DIRECT
from tests.hub.core.hub import Hub, data


async def test_post_creates_joins_and_returns_the_message(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    posted = await hub.messages.post(alice, "project-x", "  hello \n", metadata={"project": "x", "source": "fake"})
    message = posted.message
    assert (message.content, message.number, message.author_name) == ("hello", 1, "mac-a")
    assert message.metadata == {"project": "x"}
    assert posted.channel.created_by == alice.id
    assert not posted.repeated
    kinds = [event.kind for event in await hub.log()][1:]
    assert kinds == [EventKind.CHANNEL_CREATED, EventKind.MEMBER_JOINED, EventKind.MESSAGE_CREATED]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "Content is required"),
        (" \n\t ", "Content is required"),
        ("x" * 32_001, "Content must be at most 32000 characters"),
        ("\U0001f600" * 16_001, "Content must be at most 32000 characters"),
        ("a\x00b", "content must not contain NUL or half a surrogate pair"),
        ("a\ud83d", "content must not contain NUL or half a surrogate pair"),
    ],
)
async def test_post_refuses_what_is_no_text(hub: Hub, content: str, text: str) -> None:
    alice = await hub.agent("mac-a")
    with pytest.raises(InvalidInput, match="^" + text) as caught:
        await hub.messages.post(alice, "general", content)
    assert caught.value.field == "content"
    assert await hub.log(EventKind.MESSAGE_CREATED, EventKind.CHANNEL_CREATED) == []


@pytest.mark.parametrize("content", ["x" * 32_000, "\U0001f600" * 16_000])
async def test_post_and_direct_take_the_longest_text(hub: Hub, content: str) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    assert (await hub.messages.post(alice, "general", content)).message.content == content
    assert (await hub.messages.direct(alice, bob.name, content)).message.content == f"@mac-b {content}"


@pytest.mark.parametrize(
    "metadata",
    [{"a": float("nan")}, {"a": "\x00"}, {"a": "\udc00"}, {"a": "x" * 4_096}, {"a": {1, 2}}, ["a"]],
)
async def test_post_refuses_bad_metadata(hub: Hub, metadata: dict[str, object]) -> None:
    alice = await hub.agent("mac-a")
    with pytest.raises(InvalidInput) as caught:
        await hub.messages.post(alice, "general", "hi", metadata=metadata)
    assert caught.value.field == "metadata"


async def test_post_takes_metadata_that_only_looks_like_nul(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    metadata = {"path": "c:\\u0000", "n": 1}
    assert (await hub.messages.post(alice, "general", "hi", metadata=metadata)).message.metadata == metadata


async def test_post_source_is_set_by_the_hub_alone(hub: Hub) -> None:
    alice, bridge = await hub.agent("mac-a"), await hub.agent("mac-slack-bridge")
    claimed = {"source": "dashboard", "user_email": "boss@example.com", "k": 1}
    posted = [
        await hub.messages.post(alice, "general", "1", metadata=claimed),
        await hub.messages.post(bridge, "general", "2", metadata=claimed),
        await hub.messages.post(alice, "general", "3", metadata=claimed, origin=Origin("slack")),
    ]
    assert [one.message.metadata for one in posted] == [{"k": 1}, {"k": 1, "source": "slack"}, claimed]


async def test_post_with_a_key_returns_the_first_message_again(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    first = await hub.messages.post(alice, "general", "one @mac-b", idempotency_key="k")
    again = await asyncio.gather(
        *(hub.messages.post(alice, "other", "two @mac-b", idempotency_key="k") for _ in range(5))
    )
    other = await hub.messages.post(bob, "general", "by somebody else", idempotency_key="k")
    assert {one.message.id for one in again} == {first.message.id}
    assert [(one.repeated, one.channel.name) for one in again] == [(True, "general")] * 5
    assert not other.repeated
    assert await hub.mentioned(bob) == ["one @mac-b"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
async def test_post_refuses_bad_keys(hub: Hub, key: str) -> None:
    with pytest.raises(InvalidInput):
        await hub.messages.post(await hub.agent("mac-a"), "general", "x", idempotency_key=key)


async def test_post_in_thread_needs_a_parent_in_the_channel(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [parent, elsewhere] = [*await hub.say(alice, "general", "parent"), *await hub.say(alice, "status", "elsewhere")]
    reply = await hub.messages.post(bob, "general", "reply", parent_id=parent)
    assert reply.message.parent_id == parent
    assert await hub.inbox.pending(alice) == []
    thread = await hub.messages.thread(alice, parent)
    assert (thread.parent.id, [one.content for one in thread.replies]) == (parent, ["reply"])
    for wrong, error in ((elsewhere, NotFound), (new_id(1), NotFound), ("no-id", InvalidInput)):
        with pytest.raises(error):
            await hub.messages.post(bob, "general", "reply", parent_id=wrong)


async def test_post_to_an_archived_channel_conflicts(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    [message_id] = await hub.say(alice, "general", "hello")
    await hub.channels.update(alice, "general", archived=True)
    for attempt in (
        hub.messages.post(alice, "general", "more"),
        hub.messages.edit(alice, message_id, "other"),
        hub.reactions.add(alice, message_id, "+1"),
        hub.pins.add(alice, message_id),
    ):
        with pytest.raises(Conflict, match="archived"):
            await attempt
    assert (await hub.messages.delete(alice, message_id)).message.content == ""


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("hi @mac-b", ["mac-b"]),
        ("hi @MAC-B!", ["mac-b"]),
        ("(@mac-b)", ["mac-b"]),
        ("@@mac-b", ["mac-b"]),
        ("@mac-b's turn", ["mac-b"]),
        ("@mac-b @mac-b", ["mac-b"]),
        ("@mac-b, @mac-b-2.", ["mac-b", "mac-b-2"]),
        ("@mac-b- and", ["mac-b"]),
        ("@mac-b_", ["mac-b"]),
        ("foo@mac-b.com", []),
        ("`@mac-b`", []),
        ("```\n@mac-b\n```", []),
        ("https://example.com/@mac-b", []),
        ("@mac-a @gone @nobody @ghosty @system @all", []),
        ("@pat the person", ["pat"]),
    ],
)
async def test_mentions_follow_the_table(hub: Hub, text: str, mentioned: list[str]) -> None:
    author = await hub.agent("mac-a")
    known = [
        await hub.agent("mac-b"),
        await hub.agent("mac-b-2"),
        await hub.agent("pat", kind=Kind.PERSON),
        await hub.agent("gone", active=False),
        await hub.agent("ghosty", kind=Kind.GHOST),
        await hub.agent("system", kind=Kind.SYSTEM),
        author,
    ]
    await hub.messages.post(author, "general", text)
    assert [who.name for who in known if await hub.mentioned(who)] == mentioned
    assert [who.name for who in known if await hub.inbox.pending(who)] == mentioned
    [created] = await hub.log(EventKind.MESSAGE_CREATED)
    assert data(created)["mentions"] == [who.id for who in known if who.name in mentioned]


async def test_mentions_skip_guests_outside_the_channel(hub: Hub) -> None:
    author, guest = await hub.agent("mac-a"), await hub.agent("visitor", role=Role.GUEST)
    await hub.messages.post(author, "general", "secret for @visitor?")
    assert await hub.mentioned(guest) == []
    assert [data(event)["mentions"] for event in await hub.log(EventKind.MESSAGE_CREATED)] == [[]]


async def test_direct_is_for_the_two_alone(hub: Hub) -> None:
    alice, bob, eve = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-e")]
    boss = await hub.agent("boss", role=Role.OWNER, kind=Kind.PERSON)
    sent = await hub.messages.direct(alice, "mac-b", "the vault code, @mac-e")
    answer = await hub.messages.post(bob, "direct-messages", "thanks vault", parent_id=sent.message.id)
    assert sent.message.content == "@mac-b the vault code, @mac-e"
    assert answer.channel == sent.channel
    for outsider in (eve, boss):
        assert await hub.mentioned(outsider) == []
        assert await hub.inbox.pending(outsider) == []
        assert await hub.unread(outsider) == {}
        assert await hub.search.messages(outsider, "vault") == []
        assert (await hub.messages.read(outsider, "direct-messages")).messages == []
        assert await hub.reactions.on(outsider, [sent.message.id]) == []
        assert await hub.channels.list(outsider) == []
        assert not any(hub.directory.may_see_event(outsider.id, event) for event in await hub.log() if event.channel_id)
        name = sent.channel.name
        for attempt in (
            hub.messages.get(outsider, sent.message.id),
            hub.messages.thread(outsider, sent.message.id),
            hub.messages.revisions(outsider, sent.message.id),
            hub.messages.edit(outsider, sent.message.id, "mine"),
            hub.messages.delete(outsider, sent.message.id),
            hub.reactions.add(outsider, sent.message.id, "+1"),
            hub.reactions.remove(outsider, sent.message.id, "+1"),
            hub.pins.add(outsider, sent.message.id),
            hub.pins.remove(outsider, sent.message.id),
            hub.messages.post(outsider, "direct-messages", "hi", parent_id=sent.message.id),
            hub.messages.read(outsider, name),
            hub.inbox.receipts(outsider, sent.message.id),
            hub.channels.resolve(outsider, name),
            hub.channels.join(outsider, name),
            hub.channels.members(outsider, name),
            hub.pins.of(outsider, name),
            hub.channels.update(outsider, name, topic="x"),
        ):
            with pytest.raises(NotFound):
                await attempt
        with pytest.raises(InvalidInput):  # as for a name that no channel has
            await hub.messages.post(outsider, name, "let me in")
        with pytest.raises(InvalidInput):
            await hub.messages.post(outsider, "dm-0123456789abcdef", "let me in")
        assert await hub.search.messages(outsider, "vault", channel=name) == []
    assert await hub.mentioned(bob) == ["@mac-b the vault code, @mac-e"]
    assert [one.item.kind for one in await hub.inbox.pending(bob)] == [InboxKind.DIRECT]
    assert len(await hub.search.messages(bob, "vault")) == 2


async def test_direct_messages_go_to_whom_they_begin_with(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    sent = await hub.messages.direct(alice, "mac-b", "one")
    written = await hub.messages.post(bob, "direct-messages", "@MAC-A two")
    assert (written.channel, written.message.number) == (sent.channel, 2)
    [public] = await hub.say(alice, "general", "public")
    with pytest.raises(InvalidInput, match="must begin with @name"):
        await hub.messages.post(bob, "direct-messages", "two")
    with pytest.raises(InvalidInput, match="no direct conversation"):
        await hub.messages.post(bob, "direct-messages", "two", parent_id=public)


async def test_direct_refuses_whom_it_cannot_reach(hub: Hub) -> None:
    alice, gone = await hub.agent("mac-a"), await hub.agent("gone")
    await hub.agent("ghosty", kind=Kind.GHOST)
    await hub.messages.direct(gone, "mac-a", "while I am here")
    await hub.deactivate(gone)
    nobody = r'No agent named "{}". Check the name — nothing was sent.'
    refused: list[tuple[str, type[HubError], str]] = [
        ("nobody", NotFound, nobody.format("nobody")),
        ("ghosty", NotFound, nobody.format("ghosty")),
        ("gone", Conflict, 'Agent "gone" is deactivated and would not be notified. Nothing was sent.'),
        ("No Name", InvalidInput, "Valid target_agent name required"),
    ]
    for name, error, text in refused:
        with pytest.raises(error) as caught:
            await hub.messages.direct(alice, name, "hi")
        assert str(caught.value) == text
    with pytest.raises(Conflict):
        await hub.messages.post(alice, "direct-messages", "@gone hi")
    assert len(await hub.log(EventKind.MESSAGE_CREATED)) == 1


async def test_repeated_direct_message_is_the_first_one_whatever_happened_since(hub: Hub) -> None:
    alice, gone = await hub.agent("mac-a"), await hub.agent("gone")
    first = await hub.messages.direct(alice, "gone", "hi", idempotency_key="k")
    reply = await hub.messages.post(
        alice, "direct-messages", "and", parent_id=first.message.id, idempotency_key="reply"
    )
    await hub.deactivate(gone)
    repeats = [
        (first, await hub.messages.direct(alice, "gone", "hi", idempotency_key="k")),
        (first, await hub.messages.post(alice, "direct-messages", "@gone hi", idempotency_key="k")),
        (
            reply,
            await hub.messages.post(
                alice, "direct-messages", "and", parent_id=first.message.id, idempotency_key="reply"
            ),
        ),
    ]
    for original, repeat in repeats:
        assert (repeat.message, repeat.channel, repeat.repeated) == (original.message, original.channel, True)
    with pytest.raises(Conflict):
        await hub.messages.direct(alice, "gone", "hi", idempotency_key="another")


async def test_direct_to_oneself_mentions_nobody(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    sent = await hub.messages.direct(alice, "mac-a", "note to self")
    assert hub.directory.direct_members(sent.channel.id) == {alice.id}
    assert await hub.mentioned(alice) == []
    assert [one.content for one in (await hub.messages.read(alice, "direct-messages")).messages] == [
        "@mac-a note to self"
    ]


async def test_read_joins_and_counts_as_read(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    await hub.say(bob, "general", "mine")
    ids = await hub.say(alice, "general", "1", "2", "3")
    assert await hub.unread(bob) == {"general": 3}
    async with hub.store.read() as unit:
        [second] = [
            message
            for message in (await unit.messages.page((await hub.channels.resolve(bob, "general")).id, 10))
            if message.id == ids[1]
        ]
    older = await hub.messages.read(bob, "general", before=second.created_at)
    assert [one.content for one in older.messages] == ["mine", "1"]
    assert await hub.unread(bob) == {"general": 3}
    part = await hub.messages.read(bob, "general", limit=1, after_number=1)
    assert [one.content for one in part.messages] == ["1"]
    assert await hub.unread(bob) == {"general": 3}
    assert (await hub.messages.read(bob, "general", after_number=99)).messages == []
    assert await hub.unread(bob) == {"general": 3}
    newest = await hub.messages.read(bob, "general", limit=2)
    assert [one.content for one in newest.messages] == ["2", "3"]
    assert await hub.unread(bob) == {"general": 0}
    carol = await hub.agent("mac-c")
    await hub.messages.read(carol, "general", after_number=2)
    assert await hub.unread(carol) == {"general": 0}
    joined = await hub.log(EventKind.MEMBER_JOINED)
    assert [event.actor_id for event in joined] == [bob.id, carol.id]


async def test_read_of_direct_messages_takes_all_of_them(hub: Hub) -> None:
    alice, bob, carol = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    for sender, target in ((bob, "mac-a"), (carol, "mac-a"), (bob, "mac-c"), (bob, "mac-a")):
        await hub.messages.direct(sender, target, f"from {sender.name}")
        hub.clock.forward(1)
    assert await hub.unread(alice) == {"direct-messages": 3}
    page = await hub.messages.read(alice, "direct-messages", limit=1)
    assert (page.channel, [one.author_name for one in page.messages]) == (ALL_DIRECT, ["mac-b"])
    assert await hub.unread(alice) == {"direct-messages": 1}
    page = await hub.messages.read(alice, "direct-messages")
    assert [one.author_name for one in page.messages] == ["mac-b", "mac-c", "mac-b"]
    assert await hub.unread(alice) == {"direct-messages": 0}
    assert await hub.unread(carol) == {"direct-messages": 1}


async def test_read_of_a_missing_channel_makes_none(hub: Hub) -> None:
    alice = await hub.agent("mac-a")
    with pytest.raises(NotFound, match="Channel not found"):
        await hub.messages.read(alice, "missing")
    with pytest.raises(InvalidInput, match="Valid channel name required"):
        await hub.messages.read(alice, "No Name")
    assert hub.directory.channels() == []


async def test_edit_keeps_revisions_and_addresses_anew(hub: Hub) -> None:
    alice, bob, carol = [await hub.agent(name) for name in ("mac-a", "mac-b", "mac-c")]
    [message_id] = await hub.say(alice, "general", "for @mac-b")
    edited = (await hub.messages.edit(alice, message_id, " for @mac-c and `@mac-b` ")).message
    assert (edited.content, edited.edited_at) == ("for @mac-c and `@mac-b`", hub.clock())
    assert [one.content for one in await hub.messages.revisions(bob, message_id)] == ["for @mac-b"]
    assert (await hub.mentioned(bob), await hub.mentioned(carol)) == ([], ["for @mac-c and `@mac-b`"])
    assert await hub.inbox.pending(bob) == []
    assert [one.item.message_id for one in await hub.inbox.pending(carol)] == [message_id]
    [event] = await hub.log(EventKind.MESSAGE_EDITED)
    assert (data(event)["content"], data(event)["mentions"]) == (edited.content, [carol.id])
    assert [one.recipient_id for one in await hub.log(EventKind.INBOX_QUEUED)] == [carol.id]
    assert await hub.search.messages(alice, '"for mac b"') == []
    await hub.messages.edit(alice, message_id, edited.content)
    assert len(await hub.log(EventKind.MESSAGE_EDITED)) == 1


async def test_message_is_unfinished_until_an_edit_does_not_say_so(hub: Hub) -> None:
    alice, admin = await hub.agent("mac-a"), await hub.agent("admin", role=Role.ADMIN, kind=Kind.PERSON)
    more = {"unfinished": True, "color": "red"}
    posted = (await hub.messages.post(alice, "general", "working", metadata=dict(more))).message
    assert posted.metadata == more
    edits = [("further", True, more), ("further", True, more), ("further", False, {"color": "red"})]
    edits += [("further", False, {"color": "red"}), ("again", True, {"color": "red", "unfinished": True})]
    for text, unfinished, metadata in edits:
        edited = (await hub.messages.edit(alice, posted.id, text, unfinished=unfinished)).message
        assert (edited.content, edited.metadata) == (text, metadata)
    assert (await hub.messages.edit(admin, posted.id, "moderated")).message.metadata == {"color": "red"}
    events = [data(event) for event in await hub.log(EventKind.MESSAGE_EDITED)]
    assert [(row["content"], row["metadata"]) for row in events] == [
        ("further", more), ("further", {"color": "red"}), ("again", more), ("moderated", {"color": "red"}),
    ]  # fmt: skip
    assert [row.get("finished", False) for row in events] == [False, True, False, True]
    other = (await hub.messages.post(alice, "general", "plain")).message
    assert (await hub.messages.edit(alice, other.id, "plainer")).message.metadata == {}


async def test_text_of_a_deleted_message_is_nowhere(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [message_id] = await hub.say(alice, "general", "hush 1")
    await hub.messages.edit(alice, message_id, "hush 2 @mac-b")
    await hub.pins.add(bob, message_id)
    await hub.reactions.add(bob, message_id, "👍")
    assert len([event for event in await hub.bus.read(0) if "hush" in event.data]) == 3
    await hub.messages.delete(alice, message_id)
    for events in (await hub.log(), await hub.bus.read(0)):
        assert [event.kind for event in events if "hush" in event.data] == []
    assert await hub.messages.revisions(alice, message_id) == []
    assert await hub.inbox.take(bob) == []


async def test_edit_leaves_what_was_acknowledged(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [message_id] = await hub.say(alice, "general", "for @mac-b")
    [delivery] = await hub.inbox.take(bob)
    await hub.inbox.ack(bob, [delivery.item.id])
    await hub.messages.edit(alice, message_id, "for nobody")
    assert [who.name for who, _ in await hub.inbox.receipts(alice, message_id)] == ["mac-b"]
    assert await hub.mentioned(bob) == []


async def test_edit_and_delete_are_the_authors_or_audited(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    admin = await hub.agent("admin", role=Role.ADMIN, kind=Kind.PERSON)
    [message_id, other_id] = await hub.say(alice, "general", "hers @admin", "other")
    for attempt in (hub.messages.edit(bob, message_id, "his"), hub.messages.delete(bob, message_id)):
        with pytest.raises(Forbidden):
            await attempt
    await hub.messages.edit(alice, other_id, "still hers")
    edited = await hub.messages.edit(admin, message_id, "moderated @mac-a @admin")
    assert edited.message.author_id == alice.id
    assert await hub.mentioned(alice) == []
    await hub.messages.delete(admin, message_id)
    async with hub.store.read() as unit:
        trail = [(entry.action, entry.actor_id, entry.subject) for entry in await unit.audit.page(None, 10)]
    assert trail == [("message.deleted", admin.id, message_id), ("message.edited", admin.id, message_id)]


async def test_delete_leaves_a_tombstone_and_no_text(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [message_id] = await hub.say(alice, "general", "the password is xyzzy, @mac-b")
    await hub.messages.edit(alice, message_id, "the secret is xyzzy, @mac-b")
    deleted = (await hub.messages.delete(alice, message_id)).message
    assert (deleted.content, deleted.number, deleted.deleted_at) == ("", 1, hub.clock())
    assert (await hub.messages.get(bob, message_id)).message == deleted
    assert "xyzzy" not in str(await hub.messages.revisions(bob, message_id))
    assert "xyzzy" not in str(await hub.log())
    assert "xyzzy" not in str(await hub.bus.read(0, 1_000))
    assert [event.seq for event in await hub.bus.read(0, 1_000)] == list(range(1, hub.bus.head + 1))
    assert (await hub.mentioned(bob), await hub.inbox.take(bob), await hub.search.messages(bob, "xyzzy")) == (
        [],
        [],
        [],
    )
    assert await hub.inbox.pending(bob) == []
    assert (await hub.messages.read(bob, "general")).messages == []
    for attempt in (
        hub.messages.delete(alice, message_id),
        hub.messages.edit(alice, message_id, "back"),
        hub.reactions.add(bob, message_id, "+1"),
        hub.pins.add(bob, message_id),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_reactions_are_counted_once_each(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [message_id] = await hub.say(alice, "general", "hello")
    await hub.reactions.add(bob, message_id, "👩‍🚀")
    hub.clock.forward(1)
    reactions = await hub.reactions.add(bob, message_id, "👩‍🚀")
    assert [(one.principal_name, one.emoji) for one in reactions] == [("mac-b", "👩‍🚀")]
    await hub.reactions.add(alice, message_id, "👩‍🚀")
    assert len(await hub.reactions.on(alice, [message_id, "no-id", new_id(1)])) == 2
    assert [one.principal_name for one in await hub.reactions.remove(bob, message_id, "👩‍🚀")] == ["mac-a"]
    await hub.reactions.remove(bob, message_id, "👩‍🚀")
    kinds = [event.kind for event in await hub.log(EventKind.REACTION_ADDED, EventKind.REACTION_REMOVED)]
    assert kinds == [EventKind.REACTION_ADDED, EventKind.REACTION_ADDED, EventKind.REACTION_REMOVED]


@pytest.mark.parametrize("emoji", ["", "a b", "a\n", "\x07", "x" * 65, "\u200d \u200d", "a\u00a0b"])
async def test_reactions_refuse_what_is_no_emoji(hub: Hub, emoji: str) -> None:
    alice = await hub.agent("mac-a")
    [message_id] = await hub.say(alice, "general", "hello")
    with pytest.raises(InvalidInput):
        await hub.reactions.add(alice, message_id, emoji)


async def test_reactions_end_at_fifty_kinds(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    [message_id] = await hub.say(alice, "general", "hello")
    for number in range(50):
        await hub.reactions.add(alice, message_id, f"e{number}")
    with pytest.raises(Conflict):
        await hub.reactions.add(bob, message_id, "e50")
    assert len(await hub.reactions.add(bob, message_id, "e49")) == 51


async def test_pins_show_in_the_channel(hub: Hub) -> None:
    alice, guest = await hub.agent("mac-a"), await hub.agent("visitor", role=Role.GUEST)
    [first, second] = await hub.say(alice, "general", "1", "2")
    assert (await hub.pins.add(alice, second)).message.pinned
    await hub.pins.add(alice, first)
    await hub.pins.add(alice, first)
    assert [one.content for one in await hub.pins.of(alice, "general")] == ["1", "2"]
    assert not (await hub.pins.remove(alice, first)).message.pinned
    assert [one.content for one in await hub.pins.of(alice, "general")] == ["2"]
    kinds = [event.kind for event in await hub.log(EventKind.MESSAGE_PINNED, EventKind.MESSAGE_UNPINNED)]
    assert kinds == [EventKind.MESSAGE_PINNED, EventKind.MESSAGE_PINNED, EventKind.MESSAGE_UNPINNED]
    with pytest.raises(Forbidden):
        await hub.pins.add(guest, second)


async def test_guests_see_and_write_only_where_they_are_members(hub: Hub) -> None:
    alice, guest = await hub.agent("mac-a"), await hub.agent("visitor", role=Role.GUEST, kind=Kind.PERSON)
    [inside, outside] = [*await hub.say(alice, "lobby", "welcome"), *await hub.say(alice, "general", "internal plan")]
    lobby = await hub.channels.resolve(alice, "lobby")
    from hub.core.memberships import join_member

    await hub.store.write(lambda unit: join_member(unit, hub.clock(), guest, lobby))
    assert (await hub.messages.post(guest, "lobby", "hello")).message.number == 2
    assert (await hub.messages.get(guest, inside)).message.content == "welcome"
    assert [row.channel.name for row in await hub.channels.board(guest)] == ["lobby"]
    assert await hub.search.messages(guest, "internal") == []
    assert await hub.search.messages(guest, "plan", channel="general") == []
    for attempt in (hub.messages.get(guest, outside), hub.messages.read(guest, "general")):
        with pytest.raises(NotFound):
            await attempt
    for name in ("general", "fresh"):
        with pytest.raises(Forbidden):
            await hub.messages.post(guest, name, "hi")
    seen = [
        data(event)["content"]
        for event in await hub.log(EventKind.MESSAGE_CREATED)
        if hub.directory.may_see_event(guest.id, event)
    ]
    assert seen == ["welcome", "hello"]


async def test_operators_of_a_channel_delete_what_others_say_and_tell_why(hub: Hub) -> None:
    alice, bob, carol = await hub.agent("mac-a"), await hub.agent("mac-b"), await hub.agent("mac-c")
    channel = await hub.channels.open(alice, "general")
    [message_id] = await hub.say(carol, "general", "spam")
    await hub.channels.join(bob, "general")
    with pytest.raises(Forbidden):
        await hub.messages.delete(bob, message_id, "mine")
    await hub.moderation.change(alice, channel, [ModeChange(True, "operator", bob.id)])
    await hub.messages.delete(bob, message_id, " off topic ")
    [deleted] = [event for event in await hub.log() if event.kind is EventKind.MESSAGE_DELETED]
    assert (deleted.actor_id, orjson.loads(deleted.data)["reason"]) == (bob.id, "off topic")
    with pytest.raises(Forbidden):
        await hub.messages.edit(bob, (await hub.say(carol, "general", "more"))[0], "other words")


async def test_verbatim_text_keeps_its_white_space(hub: Hub) -> None:
    alice, bob = await hub.agent("mac-a"), await hub.agent("mac-b")
    posted = await hub.messages.post(alice, "general", "  code\n", verbatim=True)
    direct = await hub.messages.direct(alice, bob.name, "\n  x ", verbatim=True)
    assert (posted.message.content, direct.message.content) == ("  code\n", "@mac-b \n  x ")
    with pytest.raises(InvalidInput):
        await hub.messages.post(alice, "general", " \n ", verbatim=True)


async def test_who_began_a_direct_conversation_deletes_nothing_of_the_other(hub: Hub) -> None:
    ann, bob = await hub.agent("ann"), await hub.agent("bob")
    await hub.messages.direct(ann, "bob", "hi")
    answer = (await hub.messages.direct(bob, "ann", "hello")).message
    with pytest.raises(Forbidden):
        await hub.messages.delete(ann, answer.id)
