"""What is written for a platform is read back from there as it was meant, where the platform can say it."""

import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.relay.markup import (
    Document,
    parse_commonmark,
    parse_discord,
    parse_irc,
    parse_slack,
    render_commonmark,
)
from hub.relay.markup.tree import reworded
from hub.relay.markup.writing import BREAK
from tests.hub.relay.markup.texts import PEOPLE, documents, plain, source

PARSERS: dict[str, Callable[[str], Document]] = {
    "commonmark": parse_commonmark,
    "discord": lambda text: parse_discord(text, PEOPLE),
    "slack": lambda text: parse_slack(text, PEOPLE),
    "irc": lambda text: parse_irc(text, PEOPLE),
}

ODD_SCHEME = re.compile(r"[\w+.-]https?://")
"""An address nobody knows: how far it goes depends on whether marks in it are escaped."""


def words(document: Document) -> Document:
    """The document without styles, which CommonMark cannot put everywhere, and without what keeps names apart."""
    return plain(Document(reworded(document.blocks, lambda text: text.replace(BREAK, ""))))


@pytest.mark.parametrize("platform", PARSERS)
@given(text=source)
def test_what_a_platform_says_is_kept_by_the_hub(platform: str, text: str) -> None:
    assume(not ODD_SCHEME.search(text))
    document = PARSERS[platform](text)
    assert words(parse_commonmark(render_commonmark(document))) == words(document)


@given(documents)
def test_what_the_hub_writes_it_reads_again(document: Document) -> None:
    written = render_commonmark(document)
    assume(not ODD_SCHEME.search(written))
    assert words(parse_commonmark(written)) == words(document)
    assert render_commonmark(parse_commonmark(written)) == written


@given(st.lists(st.sampled_from(["**bold**", "*it*", "~~no~~", "***both***", "**a *b* c**", "x", "`c`", "@alice"])))
def test_styles_of_whole_words_are_kept(pieces: list[str]) -> None:
    document = parse_commonmark(" ".join(pieces))
    assert parse_commonmark(render_commonmark(document)) == document
