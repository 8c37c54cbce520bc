"""Texts and trees that hypothesis makes: pieces that mean something on some platform, thrown together."""

from hypothesis import strategies as st

from hub.relay.markup import Known, tidy, words
from hub.relay.markup.tree import (
    Block,
    ChannelLink,
    Code,
    CustomEmoji,
    Document,
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
)

PEOPLE = Known(
    users={"1001": "alice", "U1002": "bob", "carol_irc": "carol"},
    channels={"2001": "general", "C2002": "tech-python"},
    emoji={"party": "<:party:3001>"},
)

PIECES = [
    *("*", "**", "_", "__", "~", "~~", "`", "```", "||", "\\", "|", ">", "> ", ">>> ", "# ", "- ", "-# ", "1. ", "7) "),
    *(
        "[",
        "]",
        "(",
        ")",
        "](",
        "!",
        "<",
        ">",
        "&",
        "&amp;",
        "&lt;",
        "&#64;",
        ";",
        ":",
        "::",
        ",",
        ".",
        "'s",
        "\n",
        "\n\n",
    ),
    *("@", "@alice", "@bob", "@nobody", "@everyone", "@here", "@channel", "<@1001>", "<@U1002>", "<@&5>", "<!channel>"),
    *("<!here|x>", "<!subteam^S1|@team>", "#general", "#nowhere", "<#2001>", "<#C2002|y>", "<:party:3001>", ":tada:"),
    *(
        "https://a.example/x_y",
        "http://b.example/(c)",
        "<https://d.example>",
        "mailto:e@f.example",
        "javascript:alert(1)",
    ),
    *(
        "a",
        "b",
        "word",
        "snake_case",
        "x@y.example",
        "é",
        "漢",
        "🎉",
        "👩‍💻",
        "🇩🇪",
        "e\u0301",
        " ",
        "  ",
        "\t",
        "\u200b",
    ),
    *("\x02", "\x1d", "\x0304,05", "\x0f", "\x11", "\x16", "\r", "\0", "---", "===", "|---|", "/airchat ", "\u2028"),
]
source = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
"""Text as somebody hostile, or careless, may write it."""

_words = st.lists(
    st.sampled_from([*"ab.,!?-+()[]<>&*_~`|\\:;#@'\"=/1é漢", "word", "two words", "🎉", "👩‍💻"]), min_size=1, max_size=8
)
_word = _words.map("".join)
_styles = st.sampled_from([Style(number) for number in range(8)])
_leaf: st.SearchStrategy[Inline] = st.one_of(
    st.builds(Text, _word, _styles),
    st.builds(Text, _word.map(" {} ".format), _styles),
    st.builds(Code, _word, _styles),
    st.builds(
        Link, st.sampled_from(["https://a.example/x_(y)_z", "http://b.example", "mailto:c@d.example"]), _word, _styles
    ),
    st.builds(lambda url, style: Link(url, url, style), st.just("https://a.example/b"), _styles),
    st.builds(Mention, st.sampled_from(["alice", "bob", "nobody-1", "everyone"]), _styles),
    st.builds(ChannelLink, st.sampled_from(["general", "nowhere"]), _styles),
    st.builds(CustomEmoji, st.sampled_from(["party", "tada", "no_such"]), _styles),
    st.just(LineBreak()),
)
_paragraph = st.lists(_leaf, min_size=1, max_size=8).map(lambda row: Paragraph(tuple(row)))
_pre = st.builds(Pre, st.lists(_word, min_size=1, max_size=4).map("\n".join), st.sampled_from(["", "python", "c++"]))


def _holding(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    blocks = st.lists(inner, min_size=1, max_size=3).map(tuple)
    first = st.one_of(st.none(), st.integers(0, 120))
    return st.one_of(
        st.builds(Quote, blocks), st.builds(Items, st.lists(blocks, min_size=1, max_size=3).map(tuple), first)
    )


_blocks = st.recursive(st.one_of(_paragraph, _pre), _holding, max_leaves=6)
untidy = st.lists(_blocks, max_size=4).map(lambda blocks: Document(tuple(blocks)))
"""Documents as nobody's parser makes them."""


def settled(document: Document) -> Document:
    """Return the document as a parser would make it: tidy, and no plain text that means something by itself."""
    return tidy.document(_settled(block) for block in document.blocks)


def _settled(block: Block) -> Block:
    match block:
        case Paragraph(inlines):
            (tidied, *_) = tidy.paragraphs(inlines) or (Paragraph(()),)
            return Paragraph(tuple(words.leaves(tidied.inlines)))
        case Quote(inner):
            return Quote(tuple(map(_settled, inner)))
        case Items(items, first):
            return Items(tuple(tuple(map(_settled, item)) for item in items), first)
        case Pre():
            return block


documents = untidy.map(settled)
"""Documents as parsers make them."""


def plain(document: Document) -> Document:
    """Return the document without styles."""

    def bare(block: Block) -> Block:
        match block:
            case Paragraph(inlines):
                lines = tidy.lines(inlines)
                return Paragraph(tuple(leaf for line in lines for leaf in (LineBreak(), *tidy.unstyled(line)))[1:])
            case Quote(inner):
                return Quote(tuple(map(bare, inner)))
            case Items(items, first):
                return Items(tuple(tuple(map(bare, item)) for item in items), first)
            case Pre():
                return block

    return tidy.document(map(bare, document.blocks))
