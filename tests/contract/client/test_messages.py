import pytest

from airchat import AirChatConflict, AirChatForbidden, AirChatInvalidInput, AirChatNotFound, AsyncAirChatClient, Message
from tests.contract.client.conftest import Agent


@pytest.fixture
async def alice(agent: Agent) -> AsyncAirChatClient:
    client = agent("alice")
    await client.whoami()
    return client


@pytest.fixture
async def bob(agent: Agent) -> AsyncAirChatClient:
    client = agent("bob")
    await client.whoami()
    return client


def contents(messages: list[Message]) -> list[str]:
    return [message.content for message in messages]


async def test_sent_message_is_what_readers_get(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    sent = await alice.send_message("project-a", " hello ", metadata={"project": "p", "source": "forged"})
    assert (sent.content, sent.author_name, sent.channel_name, sent.number) == ("hello", "box-alice", "project-a", 1)
    assert sent.metadata == {"project": "p"}
    assert await bob.read_messages("project-a") == [sent]


async def test_reading_pages_forwards_and_backwards(alice: AsyncAirChatClient) -> None:
    sent = [await alice.send_message("project-a", str(n)) for n in range(6)]
    assert contents(await alice.read_messages("project-a", 2)) == ["4", "5"]
    assert contents(await alice.read_messages("project-a", 2, sent[4].created_at)) == ["2", "3"]
    assert contents(await alice.read_messages("project-a", 2, after=2)) == ["2", "3"]


async def test_repeated_client_key_returns_the_first_message(alice: AsyncAirChatClient) -> None:
    first = await alice.send_message("project-a", "x", client_key="k1")
    assert await alice.send_message("project-a", "x", client_key="k1") == first
    assert await alice.read_messages("project-a") == [first]


async def test_refusals_have_the_texts_clients_know(alice: AsyncAirChatClient) -> None:
    with pytest.raises(AirChatNotFound, match=r"^404: Channel not found$"):
        await alice.read_messages("nowhere")
    with pytest.raises(AirChatInvalidInput, match=r"^400: Content is required$"):
        await alice.send_message("project-a", "  ")
    with pytest.raises(AirChatInvalidInput, match=r"^400: Valid channel name required \(2-100 characters: "):
        await alice.read_messages("NO")
    with pytest.raises(AirChatNotFound, match=r'^404: No agent named "nobody"\. Check the name — nothing was sent\.$'):
        await alice.send_direct_message("nobody", "x")
    with pytest.raises(AirChatInvalidInput, match=r'^400: Search query "q" is required$'):
        await alice.search_messages(" ")


async def test_threads_edits_and_deletions(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    parent = await alice.send_message("project-a", "question")
    reply = await bob.send_message("project-a", "answer", parent_message_id=parent.id)
    edited = await bob.edit_message(reply.id, "better answer")
    assert (edited.content, edited.number, bool(edited.updated_at)) == ("better answer", 2, True)
    assert [revision["content"] for revision in await alice.list_revisions(reply.id)] == ["answer"]
    thread = await alice.read_thread(parent.id)
    assert (thread.parent.id, contents(thread.replies)) == (parent.id, ["better answer"])
    with pytest.raises(AirChatForbidden):
        await bob.delete_message(parent.id)
    deleted = await alice.delete_message(reply.id)  # the channel is hers
    assert (deleted.content, bool(deleted.deleted_at)) == ("", True)
    assert (await alice.delete_message(parent.id)).content == ""


async def test_message_is_finished_by_an_edit_that_does_not_say_otherwise(
    alice: AsyncAirChatClient, bob: AsyncAirChatClient
) -> None:
    begun = await alice.send_message("project-a", "working", metadata={"unfinished": True, "color": "red"})
    further = await alice.edit_message(begun.id, "working still", unfinished=True)
    assert further.metadata == {"unfinished": True, "color": "red"}
    [read] = await bob.read_messages("project-a")
    assert (read.content, read.metadata) == ("working still", further.metadata)
    done = await alice.edit_message(begun.id, "working still")
    assert (done.content, done.metadata) == ("working still", {"color": "red"})


async def test_long_threads_are_read_in_pages(alice: AsyncAirChatClient) -> None:
    parent = await alice.send_message("project-a", "question")
    await alice.send_message("project-a", "something else")
    for number in range(5):
        await alice.send_message("project-a", str(number), parent_message_id=parent.id)
    newest = await alice.read_thread(parent.id, 2)
    assert (contents(newest.replies), newest.earlier, newest.later) == (["3", "4"], 3, 0)
    before = await alice.read_thread(parent.id, 2, before=newest.replies[0].number)
    assert (contents(before.replies), before.earlier, before.later) == (["1", "2"], 1, 2)
    on = await alice.read_thread(parent.id, 1, after=before.replies[1].number)
    assert (contents(on.replies), on.earlier, on.later) == (["3"], 3, 1)
    for beyond in (await alice.read_thread(parent.id, after=99), await alice.read_thread(parent.id, before=1)):
        assert (beyond.replies, beyond.earlier + beyond.later) == ([], 5)


async def test_reactions_and_pins(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    sent = await alice.send_message("project-a", "x")
    await bob.read_messages("project-a")
    assert await bob.add_reaction(sent.id, "👍") == [{"emoji": "👍", "count": 1, "names": ["box-bob"]}]
    assert (await alice.get_message(sent.id))["reactions"] == [{"emoji": "👍", "count": 1, "names": ["box-bob"]}]
    assert await bob.remove_reaction(sent.id, "👍") == []
    assert (await alice.pin_message(sent.id)).pinned
    assert [row["id"] for row in (await alice.get_channel("project-a"))["pinned"]] == [sent.id]
    assert not (await alice.unpin_message(sent.id)).pinned


async def test_unread_goes_up_and_down(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    async def unread() -> int:
        return next(entry.unread_count for entry in await bob.check_board() if entry.channel_name == "project-a")

    await alice.send_message("project-a", "1")
    await bob.read_messages("project-a")
    last = await alice.send_message("project-a", "2")
    assert await unread() == 1
    entry = next(entry for entry in await bob.check_board() if entry.channel_name == "project-a")
    assert (entry.channel_type, entry.role) == ("project", "member")
    assert entry.latest_message is not None
    assert (entry.latest_message.id, entry.latest_message.author_name) == (last.id, "box-alice")
    await bob.read_messages("project-a")
    assert await unread() == 0


async def test_joining_leaving_and_topic(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    async def joined() -> list[str]:
        return [channel.name for channel in await bob.list_channels("project") if channel.name == "project-a"]

    await alice.send_message("project-a", "1")
    assert await bob.join_channel("project-a")
    assert await joined() == ["project-a"]
    assert (await bob.update_channel("project-a", topic="t")).topic == "t"
    assert not await bob.leave_channel("project-a")
    assert await joined() == []


async def test_mentions_reach_whom_they_name_once(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    sent = await alice.send_message("project-a", "@box-bob @BOX-BOB! see `@box-alice`", metadata={"project": "p"})
    (mention,) = await bob.check_mentions()
    assert (mention.message_id, mention.channel, mention.from_agent) == (sent.id, "project-a", "box-alice")
    assert (mention.from_project, mention.content, mention.read) == ("p", sent.content, False)
    assert await alice.check_mentions() == []
    assert await bob.mark_mentions_read([mention.mention_id]) == 1
    assert await bob.check_mentions() == []
    assert [mention.read for mention in await bob.check_mentions(only_unread=False)] == [True]


async def test_direct_messages_are_seen_by_two(
    alice: AsyncAirChatClient, bob: AsyncAirChatClient, agent: Agent
) -> None:
    sent = await alice.send_direct_message("box-bob", "a secret word")
    assert (sent.content, sent.channel_name) == ("@box-bob a secret word", "direct-messages")
    assert contents(await bob.read_messages("direct-messages")) == [sent.content]
    assert [mention.message_id for mention in await bob.check_mentions()] == [sent.id]
    carol = agent("carol")
    assert await carol.read_messages("direct-messages") == []
    assert await carol.search_messages("secret") == []
    with pytest.raises(AirChatNotFound):
        await carol.get_message(sent.id)
    assert [hit.id for hit in await bob.search_messages("secret")] == [sent.id]


async def test_inbox_hands_out_until_acknowledged(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    sent = await alice.send_message("project-a", "@box-bob 1")

    async def state() -> list[tuple[str, str, str]]:
        return [(r.name, r.kind, r.state) for r in await alice.list_receipts(sent.id)]

    assert await state() == [("box-bob", "mention", "queued")]
    assert [item.state for item in await bob.take_inbox(peek=True)] == ["queued"]
    (item,) = await bob.take_inbox()
    assert (item.kind, item.channel, item.message and item.message.id) == ("mention", "project-a", sent.id)
    assert await state() == [("box-bob", "mention", "delivered")]
    assert await bob.take_inbox() == []
    assert [item.state for item in await bob.take_inbox(peek=True)] == ["delivered"]
    assert await bob.ack_inbox([item.id]) == 1
    assert await state() == [("box-bob", "mention", "acked")]
    assert await bob.check_mentions() == []


async def test_inbox_is_read_on_behind_an_item(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    sent = [(await alice.send_message("project-a", f"@box-bob {n}")).id for n in range(5)]

    async def read(*, peek: bool) -> list[str | None]:
        found, after = list[str | None](), None
        while page := await bob.take_inbox(2, peek=peek, after=after):
            found += [item.message.id if item.message else None for item in page]
            after = page[-1].id
        return found

    assert await read(peek=True) == sent
    _, second, *_ = await bob.take_inbox(peek=True)
    (taken,) = await bob.take_inbox(1, after=second.id)
    assert taken.message
    assert taken.message.id == sent[2]
    assert await read(peek=False) == [*sent[:2], *sent[3:]]
    assert await read(peek=True) == sent


async def test_search_finds_words_phrases_and_leaves_out(alice: AsyncAirChatClient) -> None:
    for text in ("red apple pie", "red pie apple", "green apple"):
        await alice.send_message("project-a", text)
    await alice.send_message("project-b", "red apple elsewhere")

    async def found(query: str, channel: str | None = "project-a") -> set[str]:
        return {hit.content for hit in await alice.search_messages(query, channel)}

    assert await found("apple red") == {"red apple pie", "red pie apple"}
    assert await found('"red apple"') == {"red apple pie"}
    assert await found("apple -red") == {"green apple"}
    assert await found('"red apple"', None) == {"red apple pie", "red apple elsewhere"}
    hit = (await alice.search_messages("green"))[0]
    assert (hit.channel_name, hit.author_name) == ("project-a", "box-alice")


async def test_conflict_is_one_class(alice: AsyncAirChatClient, bob: AsyncAirChatClient) -> None:
    task = await alice.post_task("project-a", "t")
    await alice.claim_task(task["id"])
    await alice.complete_task(task["id"], "done")
    with pytest.raises(AirChatConflict, match=r"^409: "):
        await alice.complete_task(task["id"], "again")


async def test_deleted_message_is_gone_from_wherever_messages_are_listed(agent: Agent) -> None:
    alice, bob = agent("alice"), agent("bob")
    await bob.whoami()
    kept = await alice.send_message("general", "stays")
    gone = await alice.send_message("general", "@box-bob zebra")
    await alice.delete_message(gone.id)
    assert [message.id for message in await bob.read_messages("general")] == [kept.id]
    assert await bob.check_mentions(only_unread=False) == []
    assert await bob.search_messages("zebra") == []
    (board,) = await bob.check_board()
    assert board.latest_message is not None
    assert board.latest_message.id == kept.id
    assert (await bob.get_message(gone.id))["message"]["deleted_at"]
    for change in (alice.delete_message(gone.id), alice.edit_message(gone.id, "again")):
        with pytest.raises(AirChatNotFound, match=r"^404: Message not found$"):
            await change
