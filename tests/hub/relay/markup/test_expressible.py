"""What a platform can express comes back from it as the same tree: `parse(render(x)) == x`."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.relay.markup import (
    Document,
    Known,
    parse_commonmark,
    parse_discord,
    parse_irc,
    parse_rich_text,
    parse_slack,
    render_commonmark,
    render_discord,
    render_irc,
    render_rich_text,
    render_slack,
)
from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    Code,
    CustomEmoji,
    Inline,
    Items,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    Pre,
    Quote,
    Style,
    Text,
    reworded,
)
from hub.relay.markup.writing import BREAK
from tests.hub.relay.markup.texts import settled

DISCORD = Known({"1001": "alice", "1002": "bob"}, {"2001": "general", "2002": "tech-python"}, {"party": "<:party:3>"})
SLACK = Known({"U1001": "alice", "U1002": "bob"}, {"C2001": "general", "C2002": "tech-python"}, {"party": ":party:"})
IRC = Known({"alice": "alice", "bob": "bob"}, {"#general": "general"})

ROUNDS: dict[str, Callable[[Document], Document]] = {
    "commonmark": lambda document: parse_commonmark(render_commonmark(document)),
    "discord": lambda document: parse_discord(render_discord(document, DISCORD), DISCORD),
    "slack": lambda document: parse_slack(render_slack(document, SLACK), SLACK),
    "blocks": lambda document: parse_rich_text(render_rich_text(document, SLACK), SLACK),
}

WORDS = [
    "word",
    "two words",
    "2 < 3 & 4 > 1",
    "1. one",
    "# no heading",
    "- no item",
    "> no quote",
    "a|b",
    "\\",
    "[x](y)",
]
WORDS += ["漢字", "e\u0301", "🎉", "x@y.example", "=", "https"]
MARKED = ["snake_case", "*stars*", "~5", "_"]
"""What looks like marks; within marks mrkdwn has no way to tell them apart."""

words = st.sampled_from(WORDS)
leaf: st.SearchStrategy[Inline] = st.one_of(
    st.builds(Text, words, st.sampled_from([Style(number) for number in range(8)])),
    st.builds(Text, st.sampled_from(MARKED)),
    st.builds(Code, st.sampled_from(["x = 1", "<b>", "*no*", "a&b", "@alice", "_"])),
    st.sampled_from(["https://a.example/x_(y)_z?a=1&b=2", "http://b.example"]).map(lambda url: Link(url, url)),
    st.builds(Link, st.just("https://a.example"), st.sampled_from(["here", "two words"])),
    st.builds(Mention, st.sampled_from(["alice", "bob"])),
    st.builds(ChannelLink, st.sampled_from(["general", "tech-python"])),
    st.just(CustomEmoji("party")),
)


def spaced(leaves: Sequence[Inline]) -> list[Inline]:
    """Return leaves with a space between each two."""
    return [it for one in leaves for it in (Text(" "), one)][1:]


def lines(rows: Sequence[Sequence[Inline]]) -> Paragraph:
    return Paragraph(tuple([it for row in rows for it in (LineBreak(), *row)][1:]))


def unlike(blocks: Sequence[Block]) -> Document:
    """Return those blocks that are of another kind than the one before: not every platform tells such apart."""
    kept = [it for place, it in enumerate(blocks) if not place or type(blocks[place - 1]) is not type(it)]
    return settled(Document(tuple(kept)))


def rows_of(leaves: st.SearchStrategy[Inline]) -> st.SearchStrategy[list[Inline]]:
    return st.lists(leaves, min_size=1, max_size=5).map(spaced)


paragraph = st.lists(rows_of(leaf), min_size=1, max_size=3).map(lines)
item = rows_of(leaf).map(lambda row: (Paragraph(tuple(row)),))
block: st.SearchStrategy[Block] = st.one_of(
    paragraph,
    st.builds(Pre, st.sampled_from(["x = 1\ny < 2", "<b>&amp;", "  indented\n\n*stars*"])),
    paragraph.map(lambda inner: Quote((inner,))),
    st.lists(item, min_size=1, max_size=3).map(lambda items: Items(tuple(items))),
)
documents = st.lists(block, min_size=1, max_size=3).map(unlike)


def seen(document: Document) -> Document:
    """Return what people see: nothing of no width."""
    return Document(reworded(document.blocks, lambda text: text.replace(BREAK, "")))


@pytest.mark.parametrize("platform", ROUNDS)
@given(document=documents)
@example(document=Document((Paragraph((Text("> no quote", Style.BOLD),)),)))
def test_what_a_platform_can_express_comes_back_the_same(platform: str, document: Document) -> None:
    assert seen(ROUNDS[platform](document)) == document


spoken = st.one_of(
    st.builds(Text, words, st.sampled_from([Style.PLAIN, Style.BOLD, Style.ITALIC, Style.BOLD | Style.ITALIC])),
    st.builds(Text, st.sampled_from(MARKED)),
    st.builds(Code, st.sampled_from(["x = 1", "<b>", "*no*"])),
    st.just(Link("http://b.example", "http://b.example")),
)


@given(st.lists(rows_of(spoken), min_size=1, max_size=3).map(lambda rows: unlike([lines(rows)])))
def test_lines_with_bold_italics_code_and_addresses_come_back_the_same_from_irc(document: Document) -> None:
    assert seen(parse_irc(render_irc(document, IRC), IRC)) == document


@given(st.lists(rows_of(spoken), min_size=1, max_size=1).map(lambda rows: unlike([lines(rows)])))
def test_who_is_addressed_first_on_irc_comes_back_the_same(document: Document) -> None:
    for block in document.blocks:
        assert isinstance(block, Paragraph)
        addressed = settled(Document((Paragraph((Mention("alice"), Text(": "), *block.inlines)),)))
        assert seen(parse_irc(render_irc(addressed, IRC), IRC)) == addressed
