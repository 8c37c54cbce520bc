"""What the hub does in Slack."""

from collections.abc import AsyncIterator, Callable

import pytest

from hub.relay.contract import outbound
from hub.relay.contract.bridge import Capability
from hub.relay.contract.desk import Button
from hub.relay.contract.errors import CannotCarry, ConfigError, Gone, OutcomeUnknown, Refused
from tests.bridges.slack.conftest import PLACE, WREN, World
from tests.fakes.slack.interactions import Status

MINUTE = 60_000_000


def file(name: str, content: bytes) -> outbound.File:
    async def read() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 4):
            yield content[start : start + 4]

    reader: Callable[[], AsyncIterator[bytes]] = read
    return outbound.File(name, "text/csv", len(content), None, reader)


async def test_post_appears_under_the_author_with_a_face_of_their_own(world: World) -> None:
    await world.bridge.post(world.post("*hello* **all** @alice-slack <!channel>"), world.names)
    [message] = world.slack.messages(PLACE)
    assert message.text == "_hello_ *all* @\u200balice-slack &lt;!channel&gt;"
    assert message.username == "wren"
    again = outbound.Post("m2", world.channel, outbound.Author("wren-id", "renamed\n"), "x", 0)
    await world.bridge.post(again, world.names)
    assert world.slack.messages(PLACE)[1].icons == message.icons != {}
    assert world.slack.messages(PLACE)[1].username == "renamed"


async def test_picture_of_an_author_is_shown_when_slack_can_fetch_it(world: World) -> None:
    for url in ("https://example.org/a.png", "http://127.0.0.1/a.png"):
        author = outbound.Author("a", "Ann", url)
        await world.bridge.post(outbound.Post(url, world.channel, author, "x", 0), world.names)
    first, second = world.slack.messages(PLACE)
    assert first.icons["image_72"] == "https://example.org/a.png"
    assert list(second.icons) == ["emoji"]


async def test_members_are_mentioned_by_their_hub_names(world: World) -> None:
    alice = world.slack.person("alice")
    await world.bridge.post(world.post("@alice-slack see #lobby and #other"), world.names)
    assert world.slack.messages(PLACE)[0].text == f"{alice.mention} see <#{world.channel}> and #other"


async def test_edit_delete_and_reactions_can_be_repeated(world: World) -> None:
    ts = await world.bridge.post(world.post("one"), world.names)
    target = world.to(ts)
    for _ in range(2):
        await world.bridge.change(outbound.Edit(world.channel, target, WREN, "two", "one"), world.names)
        await world.bridge.change(outbound.React(world.channel, target, "🎉", (WREN,)), world.names)
    [message] = world.slack.messages(PLACE)
    assert (message.text, message.reactions) == ("two", {"tada": [world.slack.app.user.id]})
    for _ in range(2):
        await world.bridge.change(outbound.React(world.channel, target, "🎉", (), added=False), world.names)
    assert message.reactions == {}
    delete = outbound.Delete(world.channel, target, WREN)
    await world.bridge.change(delete, world.names)
    assert world.slack.messages(PLACE) == []
    for change in (delete, outbound.Edit(world.channel, target, WREN, "three")):
        with pytest.raises(Gone):
            await world.bridge.change(change, world.names)


async def test_emoji_that_slack_does_not_have_cannot_be_carried(world: World) -> None:
    target = world.to(await world.bridge.post(world.post("one"), world.names))
    world.slack.workspace.emoji["partyparrot"] = "https://example.org/parrot.gif"
    await world.bridge.change(outbound.React(world.channel, target, ":partyparrot:", (WREN,)), world.names)
    assert list(world.slack.messages(PLACE)[0].reactions) == ["partyparrot"]
    with pytest.raises(CannotCarry):
        await world.bridge.change(outbound.React(world.channel, target, ":unheard_of:", (WREN,)), world.names)


async def test_messages_of_others_are_not_deleted(world: World) -> None:
    said = await world.slack.person("alice").say(PLACE, "hers")
    with pytest.raises(CannotCarry):
        await world.bridge.change(outbound.Delete(world.channel, world.to(said.ts), WREN), world.names)


async def test_topic_is_set_once(world: World) -> None:
    for _ in range(2):
        await world.bridge.change(outbound.Topic(world.channel, WREN, "a <b>\n& c"), world.names)
    assert world.slack.channel(PLACE).topic == "a &lt;b&gt; &amp; c"
    assert len(world.slack.calls("conversations.setTopic")) == 1


async def test_buttons_stand_below_the_text_and_go_with_an_edit(world: World) -> None:
    buttons = (Button("Approve", "approval.approve", "a1", "good"), Button("Deny", "approval.deny", "a1", "bad"))
    ts = await world.bridge.post(world.post("May I?\n" + "long " * 650, buttons=buttons), world.names)
    [message] = world.slack.messages(PLACE)
    assert [block["type"] for block in message.blocks] == ["section", "section", "actions"]
    shown = message.blocks[-1]["elements"]
    assert [(it["text"]["text"], it["value"], it["style"]) for it in shown] == [
        ("Approve", "a1", "primary"),
        ("Deny", "a1", "danger"),
    ]
    await world.bridge.change(outbound.Edit(world.channel, world.to(ts), WREN, "Approved"), world.names)
    assert (message.text, message.blocks) == ("Approved", [])


async def test_files_go_natively_with_their_words_and_are_found_again(world: World) -> None:
    post = world.post("see *this*", files=(file("a.csv", b"1,2,3"), file("b.csv", b"4")))
    assert await world.bridge.find_sent(post) is None
    ts = await world.bridge.post(post, world.names)
    [message] = world.slack.messages(PLACE)
    assert (message.ts, message.shown, message.username) == (ts, "see _this_", "wren")
    assert [(it.name, it.content) for it in message.files] == [("a.csv", b"1,2,3"), ("b.csv", b"4")]
    assert await world.bridge.find_sent(post) == ts


async def test_files_without_words_are_found_by_what_they_are(world: World) -> None:
    first = world.post("", files=(file("a.csv", b"1,2,3"),))
    ts = await world.bridge.post(first, world.names)
    assert await world.bridge.find_sent(first) == ts
    later = world.post("", "m2:0", files=(file("a.csv", b"1,2,3"),), sent_after=ts)
    assert await world.bridge.find_sent(later) is None
    other = world.post("", "m3:0", files=(file("b.csv", b"1,2,3"),))
    assert await world.bridge.find_sent(other) is None


async def test_file_whose_sharing_was_not_answered_is_not_shared_again(world: World) -> None:
    world.slack.faults.lose_response("files.completeUploadExternal")
    post = world.post("see", files=(file("a.csv", b"1"),))
    with pytest.raises(OutcomeUnknown):
        await world.bridge.post(post, world.names)
    assert await world.bridge.find_sent(post) == world.slack.messages(PLACE)[0].ts


async def test_empty_files_are_refused(world: World) -> None:
    with pytest.raises(Refused, match="empty"):
        await world.bridge.post(world.post("x", files=(file("a.csv", b""),)), world.names)


async def test_thread_shows_who_works_on_an_answer(world: World) -> None:
    said = await world.slack.person("alice").say(PLACE, "question")
    thread = world.to(said.ts)
    await world.bridge.show_working(outbound.Working(world.channel, WREN, "reading\nlogs", thread))
    await world.bridge.show_working(outbound.Working(world.channel, WREN, None, thread))
    await world.bridge.show_working(outbound.Working(world.channel, WREN, "nowhere"))
    assert world.slack.statuses == [
        Status(world.channel, said.ts, "reading logs", "wren"),
        Status(world.channel, said.ts, "", "wren"),
    ]


@pytest.mark.parametrize("error", ["missing_scope", "unknown_method"])
async def test_status_that_slack_does_not_allow_is_given_up(world: World, error: str) -> None:
    said = await world.slack.person("alice").say(PLACE, "question")
    world.slack.faults.refuse("assistant.threads.setStatus", error, times=5)
    for _ in range(3):
        await world.bridge.show_working(outbound.Working(world.channel, WREN, "working", world.to(said.ts)))
    assert len(world.slack.calls("assistant.threads.setStatus")) == 1


async def test_what_the_app_may_not_do_is_known_from_the_start(world: World) -> None:
    assert world.bridge.capabilities == frozenset(Capability)
    world.slack.app.scopes -= {"reactions:write", "files:write"}
    await world.bridge.connect()
    assert world.bridge.capabilities == frozenset(Capability) - {Capability.REACTION, Capability.FILE}
    world.slack.app.scopes -= {"channels:history", "users:read"}
    with pytest.raises(ConfigError, match="lacks the scopes channels:history, users:read"):
        await world.bridge.connect()


async def test_scope_that_was_taken_away_is_no_end(world: World) -> None:
    target = world.to(await world.bridge.post(world.post("one"), world.names))
    world.slack.app.scopes -= {"reactions:write"}
    with pytest.raises(CannotCarry):
        await world.bridge.change(outbound.React(world.channel, target, "🎉", (WREN,)), world.names)


async def test_own_doing_is_nothing_to_the_relay(world: World) -> None:
    async with world.running():
        target = world.to(await world.bridge.post(world.post("one"), world.names))
        await world.bridge.change(outbound.Edit(world.channel, target, WREN, "two"), world.names)
        await world.bridge.change(outbound.React(world.channel, target, "🎉", (WREN,)), world.names)
        await world.bridge.change(outbound.Topic(world.channel, WREN, "topic"), world.names)
        await world.bridge.post(world.post("", "m2:0", files=(file("a.csv", b"1"),)), world.names)
        await world.slack.person("alice").say(PLACE, "hers")
        await world.slack.settled()
        assert [getattr(it, "text", None) for it in await world.decoded()] == ["hers"]


async def test_topic_that_was_set_there_later_stays_and_one_from_before_does_not(world: World) -> None:
    await world.slack.person("alice").set_topic(PLACE, "hers")
    set_at = world.slack.channel(PLACE).topic_at * 1_000_000
    await world.bridge.change(outbound.Topic(world.channel, WREN, "before", set_at - 1), world.names)
    assert world.slack.channel(PLACE).topic == "hers"
    await world.bridge.change(outbound.Topic(world.channel, WREN, "after", set_at + 1), world.names)
    assert world.slack.channel(PLACE).topic == "after"
    await world.bridge.change(outbound.Topic(world.channel, WREN, "ours", set_at - 1), world.names)
    assert world.slack.channel(PLACE).topic == "ours", "what the bridge set itself is no change of theirs"
