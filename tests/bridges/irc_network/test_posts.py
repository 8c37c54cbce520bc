import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc_network.network import Network
from bridges.irc_network.texts import Texts, color, unhighlighted, visible
from hub.relay.contract.errors import NotReady, OutcomeUnknown, Refused
from hub.relay.contract.outbound import Author
from tests.bridges.irc_network.conftest import Connect
from tests.bridges.irc_network.world import PLACE, WREN, KnownNames, reference
from tests.fakes.irc_network import CAPABILITIES, FakeIrcNetwork
from tests.hub.relay.markup.texts import source

NETWORK = Network("irc", "irc.example", web_url="https://hub.example")


async def test_words_are_under_the_authors_name_and_call_nobody(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    await world.post("**Done**, @alice and @nobody; see #tech and `x`")
    assert world.shown() == ["airchat: <w¦ren> \x02Done\x02, alice and @n¦obody; see #python and `x`"]
    await world.post("corrects: it", notice=True, token="n:0")
    await world.post("the hub itself", author=None, token="n:1")
    assert world.shown()[1:] == ["airchat: * w¦ren corrects: it", "airchat: the hub itself"]


async def test_colors_are_stable_and_legible() -> None:
    texts = Texts(NETWORK)
    assert texts.byline(WREN) == texts.byline(Author("p1", "wren", "https://a.example/x.png"))
    assert re.fullmatch("<\x03(02|03|04|05|06|07|10|12|13)w\u200bren\x0f> ", texts.byline(WREN))
    assert len({color(Author(str(number), "x")) for number in range(200)}) > 5


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("हिन्दी", "हि\u200bन्दी"),
        ("🦊", "🦊"),
        ("Ann 🎉", "A\u200bnn 🎉"),
        ("e\u0301mile", "e\u0301\u200bmile"),
        ("<@x>\r\n\x0304\u202e%s", "x\u200b04s"),
        ("\u200b<>", "s\u200bomebody"),
    ],
)
def test_name_is_shown_as_it_is_written_but_for_what_could_deceive(name: str, shown: str) -> None:
    assert unhighlighted(visible(name)) == shown


async def test_replies_show_the_thread_and_once_what_it_is_about(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    question = irc.person("Alice").say(PLACE, "the question")
    await world.post("first", thread=reference(question), reply_to=reference(question))
    await world.post("second", token="m:1", thread=reference(question), reply_to=reference(question))
    first, second = world.shown()[1:]
    match = re.fullmatch(r"airchat: <w¦ren> #(\w{3}) \(re A¦lice: the question\) first", first)
    assert match
    assert second == f"airchat: <w¦ren> #{match[1]} second"
    assert [it.tags["+draft/reply"] for it in irc.said(PLACE)[1:]] == [question, question]


async def test_others_answer_by_the_tag_or_as_clients_do(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    bob, remote_id = irc.person("bob"), await world.post("a question")
    await world.post("an answer", token="m:1", thread=reference(remote_id))
    tag = re.search(r"#(\w{3}) ", world.shown()[-1])
    assert tag
    bob.say(PLACE, f"#{tag[1]}: me too")
    bob.say(PLACE, "so do I", reply=remote_id)
    bob.say(PLACE, "#abz: no such thread")
    found = await world.decoded(5)
    assert [(it.text, it.thread_id) for it in found] == [  # type: ignore[union-attr]
        ("me too", remote_id),
        ("so do I", remote_id),
        ("#abz: no such thread", None),
    ]


async def test_thread_that_began_elsewhere_is_answered_by_its_tag_too(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    answer = await world.post("an answer", thread=reference(None))
    tag = re.search(r"#(\w{3}) ", world.shown()[-1])
    assert tag
    irc.person("bob").say(PLACE, f"#{tag[1]}: me too")
    assert [(it.text, it.thread_id) for it in await world.decoded(2)] == [("me too", answer)]  # type: ignore[union-attr]


async def test_relaymsg_says_it_in_the_authors_name_where_it_may(irc: FakeIrcNetwork, connect: Connect) -> None:
    irc.settings.capabilities = CAPABILITIES | {"draft/relaymsg"}
    irc.settings.relayers = {"airchat"}
    world = await connect()
    await world.post("hello", author=Author("p", "Zoë the 1st!"))
    irc.settings.relayers = set()
    await world.post("refused, so", token="m:1")
    await world.post("and from then on", token="m:2")
    assert world.shown() == [
        "Zo__the_1st/airchat: hello",
        "airchat: <w¦ren> refused, so",
        "airchat: <w¦ren> and from then on",
    ]
    assert sum(text.count("RELAYMSG") for _, text in irc.lines) == 2
    assert await world.decoded(3) == []


async def test_long_text_is_its_first_lines_and_a_link(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect(web_url="https://hub.example", lines=3)
    pieces = world.bridge.divide("\n".join(f"line {number}" for number in range(9)), WREN)
    for number, piece in enumerate(pieces):
        await world.post(piece, token=f"m:{number}")
    assert world.shown() == [
        "airchat: <w¦ren> line 0",
        "airchat: <w¦ren> line 1",
        "airchat: <w¦ren> … 7 more lines: https://hub.example/m/m",
    ]


async def test_refusals_and_absences_are_told_apart(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    irc.faults.refuse_words = 1
    with pytest.raises(Refused, match="was blocked"):
        await world.post("spam")
    irc.network.channel(PLACE).banned.add("airchat")
    irc.person("op").kick(PLACE, "airchat", "spam")
    await world.until(lambda: not world.bridge._rooms.joined())
    with pytest.raises(NotReady, match=r"put out \(spam\)"):
        await world.post("hello?", token="m:1")


async def test_lost_answer_is_found_afterwards(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    irc.faults.cut_before_answer = 1
    with pytest.raises(OutcomeUnknown):
        await world.post("said", token="m:1")
    irc.faults.cut_before_reading = 1
    again = await connect()
    assert await again.bridge.find_sent(again.piece("said", token="m:1")) == irc.said(PLACE)[0].msgid
    with pytest.raises(OutcomeUnknown):
        await again.post("not said", token="m:2")
    third = await connect()
    assert await third.bridge.find_sent(third.piece("not said", token="m:2")) is None


async def test_history_without_tags_is_searched_by_the_words(irc: FakeIrcNetwork, connect: Connect) -> None:
    world = await connect()
    await world.post("**one** two", token="m:1")
    event = irc.network.channel(PLACE).history[-1]
    event.tags.clear()
    world.bridge._memory.sent.__init__()  # type: ignore[misc]
    assert await world.bridge.find_sent(world.piece("**one** two", token="m:1")) == event.msgid
    assert await world.bridge.find_sent(world.piece("something else", token="m:2")) is None
    later = world.piece("**one** two", token="m:3", sent_after=f"{event.at:020d}")
    assert await world.bridge.find_sent(later) is None


async def test_flood_is_never_reached(irc: FakeIrcNetwork, connect: Connect) -> None:
    irc.settings.burst, irc.settings.per_second, irc.settings.kills_floods = 6, 40.0, True
    world = await connect(burst=4, per_second=36.0)
    for number in range(30):
        await world.post(f"line {number}", token=f"m:{number}")
    assert len(world.shown()) == 30
    assert irc.flood_violations == 0


@given(text=source, name=st.text(max_size=40))
def test_nothing_that_is_said_can_be_more_than_a_line(text: str, name: str) -> None:
    texts, author = Texts(NETWORK), Author("p", name)
    for piece in texts.divide(text, author):
        line = texts.byline(author) + texts.line(piece, KnownNames())
        assert not set(line) & set("\r\n\0")
        assert len(f":{'n' * 30}!~{'u' * 10}@{'h' * 63} PRIVMSG {'#' * 50} :{line}".encode()) <= 510
    assert visible(name).isprintable()
