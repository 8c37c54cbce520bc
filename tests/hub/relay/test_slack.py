"""Messages between a hub and Slack when nothing goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from airchat.protocol.inbox import InboxKind
from hub.relay.inward.arrivals import Arrivals
from tests.fakes.slack import FakeSlack
from tests.hub.relay.hub import Hub, Line
from tests.hub.relay.story import PLACE, Story
from tests.waiting import eventually


async def test_messages_go_both_ways_under_their_authors_names(story: Story, slack: FakeSlack, hub: Hub) -> None:
    await slack.person("alice").say(PLACE, "a &amp; b")
    await hub.post("wren", "hello <all>")
    await story.same(2)
    assert sorted(await hub.transcript()) == [Line("Alice", "a & b"), Line("wren", "hello <all>")]


async def test_mention_typed_in_slack_reaches_the_agent_and_the_answer_its_thread(
    story: Story, slack: FakeSlack, hub: Hub
) -> None:
    wren = await hub.agent("wren")
    await slack.person("alice").say(PLACE, "@wren are you there?")
    await story.same(1)
    async with hub.store.read() as unit:
        items = await unit.inbox.pending(wren.id, 10)
    question = await hub.find("@wren are you there?")
    assert [(item.kind, item.message_id) for item in items] == [(InboxKind.MENTION, question.id)]

    await hub.post("wren", "yes", parent=question)
    await story.same(2)
    assert (await story.shown())[1] == Line("wren", "yes", "@wren are you there?")


async def test_threads_have_one_level_on_slack(story: Story, slack: FakeSlack, hub: Hub) -> None:
    root = (await hub.post("wren", "root")).message
    await story.same(1)
    await slack.person("alice").say(PLACE, "first", thread=slack.find(PLACE, "root"))
    await story.same(2)
    deeper = await hub.find("first")
    await hub.post("wren", "second", parent=deeper)
    await slack.wait_for(lambda: len(slack.transcript(PLACE)) == 3)
    assert [line.thread for line in await story.shown()] == [None, "root", "root"]
    assert deeper.parent_id == root.id


async def test_mentions_are_translated(story: Story, slack: FakeSlack, hub: Hub) -> None:
    alice, bob = slack.person("alice"), slack.person("bob")
    await alice.say(PLACE, f"ask {bob.mention} or <!here>")
    await story.same_count(1)
    assert (await hub.transcript())[0].text == "ask @bob-slack or @here"
    await hub.post("wren", "I ask @bob-slack, not @nobody or <@U1>")
    await story.same_count(2)
    assert slack.messages(PLACE)[1].text == f"I ask {bob.mention}, not @\u200bnobody or &lt;@\u200bU1&gt;"


async def test_answer_is_held_until_its_question_has_a_counterpart(
    story: Story, slack: FakeSlack, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, answered = Arrivals.finish, asyncio.Event()

    async def late(*arguments: Any) -> None:
        await answered.wait()
        await finish(*arguments)

    monkeypatch.setattr(Arrivals, "finish", late)
    await slack.person("alice").say(PLACE, "question")
    await story.wait_hub(1)
    await hub.post("wren", "answer", parent=await hub.find("question"))
    await asyncio.sleep(0.3)
    assert len(await story.shown()) == 1
    answered.set()
    await story.same(2)
    assert (await story.shown())[1].thread == "question"


async def test_reply_to_a_message_whose_sending_is_not_over_finds_its_thread(
    story: Story, slack: FakeSlack, hub: Hub
) -> None:
    slack.faults.slow("chat.postMessage", 1.0)
    await hub.post("wren", "root")
    [root] = await slack.wait_for(lambda: slack.messages(PLACE))
    await slack.person("alice").say(PLACE, "reply", thread=root)
    await story.same(2)
    assert (await hub.transcript())[1] == Line("Alice", "reply", "root")


async def test_long_texts_arrive_in_pieces(story: Story, slack: FakeSlack, hub: Hub) -> None:
    words = " ".join(str(number) for number in range(1_500))
    await hub.post("wren", words)
    await slack.wait_for(lambda: len(slack.transcript(PLACE)) == 2)
    assert " ".join(line.text for line in await story.shown()) == words

    longer = " ".join(str(number) for number in range(7_000))
    await slack.person("alice").say(PLACE, longer)
    await story.wait_hub(3)
    pieces = [line for line in await hub.transcript() if line.author == "Alice"]
    assert len(longer) > 32_000
    assert " ".join(piece.text for piece in pieces) == longer
    assert [piece.thread for piece in pieces[1:]] == [pieces[0].text] * len(pieces[1:])


async def test_members_that_join_are_no_messages(story: Story, slack: FakeSlack, hub: Hub) -> None:
    bob = slack.person("bob")
    await bob.join(PLACE)
    await bob.say(PLACE, "one")
    await story.wait_hub(1)
    await slack.settled()
    assert [line.text for line in await hub.transcript()] == ["one"]


async def test_edits_reactions_files_and_deletions_come_in(story: Story, slack: FakeSlack, hub: Hub) -> None:
    alice, reader = slack.person("alice"), await hub.agent("reader")
    said = await alice.say(PLACE, "one")
    await alice.edit(said, "two")
    await alice.react(said, "tada")
    await alice.upload(PLACE, "numbers.csv", b"1,2", text="see")
    await story.wait_hub(2)
    await eventually(lambda: said_there(hub, "two"))
    two = await hub.find("two")

    async def reacted() -> bool:
        return [(it.principal_name, it.emoji) for it in await hub.reactions.on(reader, [two.id])] == [
            ("alice-slack", "🎉")
        ]

    await eventually(reacted)
    [file] = await hub.files.list(reader, "general")
    assert b"".join([chunk async for chunk in hub.files.read(file)]) == b"1,2"
    await alice.delete(said)

    async def gone() -> bool:
        return (await hub.messages.get(reader, two.id)).message.deleted_at is not None

    await eventually(gone)
    await slack.settled()
    assert len(slack.messages(PLACE)) == 1  # nothing came back


async def test_edits_reactions_files_and_deletions_go_out(story: Story, slack: FakeSlack, hub: Hub) -> None:
    wren = await hub.agent("wren")
    said = (await hub.post("wren", "one")).message
    [shown] = await slack.wait_for(lambda: slack.messages(PLACE))
    await hub.messages.edit(wren, said.id, "two")
    await hub.reactions.add(wren, said.id, "🎉")
    await slack.wait_for(lambda: (shown.text, list(shown.reactions)) == ("two", ["tada"]))
    await hub.reactions.remove(wren, said.id, "🎉")
    await slack.wait_for(lambda: not shown.reactions)

    async def content() -> AsyncIterator[bytes]:
        yield b"1,2"

    await hub.files.put(wren, "general", "numbers.csv", content())
    await slack.wait_for(lambda: [it.name for m in slack.messages(PLACE) for it in m.files] == ["numbers.csv"])
    assert slack.messages(PLACE)[-1].files[0].content == b"1,2"
    await hub.messages.delete(wren, said.id)
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 1)
    assert len(await hub.written()) == 1
    assert slack.violations == {}


async def test_muted_agent_is_not_shown_and_takes_back_what_was(story: Story, slack: FakeSlack, hub: Hub) -> None:
    wren = await hub.agent("wren")
    before = (await hub.post("wren", "before")).message
    await slack.wait_for(lambda: slack.messages(PLACE))
    [link] = hub.relay.links.all()
    await hub.relay.mutes.change(link, wren, muted=True)
    hidden = (await hub.post("wren", "hidden")).message
    await hub.messages.edit(wren, hidden.id, "still hidden")
    await hub.messages.delete(wren, before.id)
    await hub.post("heron", "shown")
    await slack.wait_for(lambda: [it.text for it in slack.messages(PLACE)] == ["shown"])
    await hub.relay.mutes.change(link, wren, muted=False)
    await hub.post("wren", "back")
    await slack.wait_for(lambda: [it.text for it in slack.messages(PLACE)] == ["shown", "back"])


async def test_topics_go_both_ways(story: Story, slack: FakeSlack, hub: Hub) -> None:
    await slack.person("alice").set_topic(PLACE, "from Slack")

    async def topic() -> str | None:
        channel = await hub.directory.find_channel("general")
        return channel.topic if channel else None

    async def came() -> bool:
        return await topic() == "from Slack"

    await eventually(came)
    wren = await hub.agent("wren")
    await hub.channels.join(wren, "general")
    await hub.channels.update(wren, "general", topic="from the hub")
    await slack.wait_for(lambda: slack.channel(PLACE).topic == "from the hub")
    await slack.settled()
    assert await topic() == "from the hub"


async def said_there(hub: Hub, text: str) -> bool:
    return text in {it.content for it in await hub.written()}


async def test_channel_made_private_there_is_linked_no_longer(story: Story, slack: FakeSlack, hub: Hub) -> None:
    alice = slack.person("alice")
    await alice.say(PLACE, "for everybody")
    await story.same(1)
    await alice.make_private(PLACE)
    await alice.say(PLACE, "between us")
    await eventually(lambda: hub.relay.links.all() == [])
    await hub.post("wren", "not for them")
    hub.relay.reload(hub.links)
    await eventually(lambda: "#general is private" in (hub.relay.health()[0].detail or ""))
    texts = [it.content for it in await hub.written()]
    assert texts == ["for everybody", "`#general` on Slack is private now, and linked no longer.", "not for them"]
    assert hub.relay.links.all() == []
    assert "not for them" not in {message.shown for message in slack.messages(PLACE)}


async def test_channel_made_private_while_the_hub_is_away_gives_nothing_away(
    story: Story, slack: FakeSlack, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = slack.person("alice")
    await alice.say(PLACE, "for everybody")
    await story.same(1)
    await hub.stop()
    await alice.say(PLACE, "for everybody, too")
    await alice.make_private(PLACE)
    await alice.say(PLACE, "between us")
    await hub.start()
    await eventually(lambda: "#general is private" in (hub.relay.health()[0].detail or "") or not hub.relay.links.all())
    await eventually(lambda: hub.relay.links.all() == [])
    assert "between us" not in [it.content for it in await hub.written()]


async def test_answer_whose_thread_is_gone_is_said_in_the_channel(story: Story, slack: FakeSlack, hub: Hub) -> None:
    root = (await hub.post("wren", "root")).message
    await story.same(1)
    slack.channel(PLACE).messages.clear()  # nobody was told so yet
    await hub.post("otter", "answer", parent=root)
    await hub.post("otter", "another", parent=root)
    await slack.wait_for(lambda: len(slack.messages(PLACE)) == 2)
    assert [(it.text, it.thread_ts) for it in slack.messages(PLACE)] == [
        ("> *wren*: root\nanswer", ""),
        ("> *wren*: root\nanother", ""),
    ]
    assert len([call for call in slack.calls("chat.postMessage") if "thread_ts" in call.arguments]) == 1
    async with hub.store.read() as unit:
        assert await unit.queues.dead_outgoing(10) == []
