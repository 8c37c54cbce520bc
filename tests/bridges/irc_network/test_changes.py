import pytest

from bridges.irc_network.changes import in_words
from hub.relay.contract.bridge import Capability
from hub.relay.contract.errors import CannotCarry, Gone
from hub.relay.contract.outbound import Author, Delete, Edit, React, Topic
from tests.bridges.irc_network.conftest import Connect
from tests.bridges.irc_network.world import PLACE, WREN, KnownNames, reference
from tests.fakes.irc_network import FakeIrcNetwork

BOB = Author("p2", "bob")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("we meet on Monday at 9", "we meet on Friday at 9", "corrects: s/Monday/Friday/"),
        ("one", "two", "corrects: s/one/two/"),
        ("a/b", "a/c", "corrects: a/c"),
        ("short", "short and more", "corrects: short and more"),
        (None, "all of it\nand more", "corrects: all of it …"),
    ],
)
def test_edit_is_a_correction(before: str | None, after: str, said: str) -> None:
    assert in_words([Edit(PLACE, reference("m1"), WREN, after, before)]) == said


def test_other_changes_have_words() -> None:
    target = reference("m1", "an excerpt")
    assert in_words([Delete(PLACE, target, WREN)]) == "takes back a message"
    assert in_words([Topic(PLACE, WREN, "Plans *x*")]) == "sets the topic: Plans \\*x\\*"
    assert in_words([React(PLACE, target, "👍", (WREN, BOB)), React(PLACE, target, "🎉", (BOB,))]) == (
        "reacts 👍 (with bob) 🎉 to Alice: an excerpt"
    )
    assert in_words([React(PLACE, target, "👍", (WREN,), added=False)]) is None


async def test_own_lines_are_taken_back_and_others_are_not(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    assert world.bridge.capabilities == {Capability.TOPIC, Capability.DELETE}
    own, other = await world.post("oops"), irc.person("alice").say(PLACE, "hers")
    for _ in range(2):
        gone = Delete(PLACE, reference(own), WREN)
        if own in {it.msgid for it in irc.said(PLACE)}:
            await world.bridge.change(gone, KnownNames())
        else:
            with pytest.raises(Gone):
                await world.bridge.change(gone, KnownNames())
    with pytest.raises(CannotCarry, match="not yours"):
        await world.bridge.change(Delete(PLACE, reference(other), WREN), KnownNames())
    assert world.shown() == ["alice: hers"]


async def test_topic_is_set_where_we_may(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    await world.bridge.change(Topic(PLACE, WREN, "**Plans**\r\nQUIT"), KnownNames())
    assert irc.network.channel(PLACE).topic == "\x02Plans\x02 QUIT"
    irc.network.channel(PLACE).topic_locked = True
    with pytest.raises(CannotCarry, match="not a channel operator"):
        await world.bridge.change(Topic(PLACE, WREN, "Other"), KnownNames())


async def test_reactions_are_tags_if_wanted(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect(reactions="tags")
    said = irc.person("alice").say(PLACE, "hello")
    await world.bridge.change(React(PLACE, reference(said), "👍", (WREN,)), KnownNames())
    assert irc.network.channel(PLACE).history[-1].tags == {"+draft/react": "👍", "+draft/reply": said}
    with pytest.raises(CannotCarry, match="no id"):
        await world.bridge.change(React(PLACE, reference("~m:0"), "👍", (WREN,)), KnownNames())
