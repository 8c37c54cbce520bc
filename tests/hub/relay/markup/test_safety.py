"""No text addresses anybody, becomes markup or ends a line but as the tree says, whoever wrote it."""

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.protocol.mentions import mentioned_names
from hub.relay.markup import (
    Document,
    Nobody,
    divide,
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
    tidy,
)
from hub.relay.markup.tree import ChannelLink, CustomEmoji, LineBreak, Mention, Paragraph, Style, Text, leaves
from tests.hub.relay.markup.texts import PEOPLE, documents, source, untidy

LENGTH = 10_000
anything = st.one_of(source, st.text(max_size=200))


def meant(document: Document) -> set[str]:
    return {leaf.name for leaf in leaves(document.blocks) if isinstance(leaf, Mention)}


def ids(document: Document) -> set[str]:
    return {user for name in meant(document) if (user := PEOPLE.user_of(name))}


def without_code(text: str, code: str) -> str:
    return re.sub(code, " ", text, flags=re.DOTALL)


@given(documents)
def test_the_hub_is_told_of_no_mention_that_was_not_meant(document: Document) -> None:
    assert set(mentioned_names(render_commonmark(document))) <= {name.lower() for name in meant(document)}


@given(untidy)
def test_discord_is_told_of_no_mention_that_was_not_meant(document: Document) -> None:
    said = without_code(render_discord(document, PEOPLE), "```.*?```|``.*?``|`.*?`")
    assert set(re.findall(r"<@[!&]?(\w+)>", said)) <= ids(document)
    assert not re.search("@everyone|@here", said)


@given(untidy)
def test_slack_is_told_of_nothing_but_links_and_mentions_that_were_meant(document: Document) -> None:
    entities = re.findall("<([^>]*)>", render_slack(document, PEOPLE))
    assert {it[1:] for it in entities if it.startswith("@")} <= ids(document)
    assert all(re.match("@|#|https?:|mailto:", it) for it in entities)


@given(untidy)
def test_blocks_hold_no_user_who_was_not_meant_and_no_broadcast(document: Document) -> None:
    blocks = json.dumps(render_rich_text(document, PEOPLE))
    assert set(re.findall('"user_id": "(.*?)"', blocks)) <= ids(document)
    assert '"broadcast"' not in blocks
    assert "usergroup" not in blocks


@given(anything)
def test_lines_of_irc_hold_no_control_character_but_those_of_styles(text: str) -> None:
    hostile = Document((Paragraph((Text(text), Mention("x"), Text(text, Style.BOLD))),))
    for document in (hostile, parse_commonmark(text), parse_discord(text, PEOPLE), parse_slack(text, PEOPLE)):
        line = render_irc(document, Nobody())
        assert not re.search(r"[\x00-\x01\x03-\x08\x0b-\x1c\x1e\x1f\x7f-\x9f]", line)
        assert all(part.strip() for part in line.split("\n")) or not line


@given(st.lists(st.sampled_from([*"*_~`|\\<>[]()#-+.1:! a", "word", "://"])).map("".join))
@pytest.mark.parametrize("platform", ["commonmark", "discord", "slack", "blocks"])
def test_words_alone_become_no_markup(platform: str, text: str) -> None:
    ways: dict[str, Callable[[Document], Document]] = {
        "commonmark": lambda document: parse_commonmark(render_commonmark(document)),
        "discord": lambda document: parse_discord(render_discord(document, PEOPLE), PEOPLE),
        "slack": lambda document: parse_slack(render_slack(document, PEOPLE), PEOPLE),
        "blocks": lambda document: parse_rich_text(render_rich_text(document, PEOPLE), PEOPLE),
    }
    read = ways[platform](tidy.document([Paragraph((Text(text),))]))
    (block,) = read.blocks or (Paragraph(()),)
    assert isinstance(block, Paragraph)
    assert all(isinstance(it, LineBreak) or it.style == Style.PLAIN for it in block.inlines)
    assert {type(it) for it in block.inlines} - {Text} <= NAMED


NAMED = {Mention, ChannelLink, CustomEmoji}


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["[", "*a **b ", "~~a", "`a", "> ", "  - a\n", "<@1", "<http://", "@a-", "[a](b", "\u200d", "http://a)", "```\n"],
)
def test_time_grows_with_length_alone(piece: str) -> None:
    text = piece * (LENGTH // len(piece))
    began = time.process_time()
    for document in (
        parse_commonmark(text),
        parse_discord(text, PEOPLE),
        parse_slack(text, PEOPLE),
        parse_irc(text, PEOPLE),
    ):
        render_commonmark(document)
        render_slack(document, PEOPLE)
        render_rich_text(document, PEOPLE)
        render_irc(document, PEOPLE)
    assert time.process_time() - began < 5


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["word ", "a", "a\u0301", "- a\n"])
def test_time_to_divide_grows_with_length_alone(piece: str) -> None:
    document = parse_commonmark(piece * (LENGTH // len(piece)))
    began = time.process_time()
    divide(document, lambda part: len(render_discord(part, PEOPLE)) <= 2000)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("mark", ["> ", ">", "- ", "1. ", "> - ", "- > "])
@pytest.mark.parametrize("depth", [8, 20, 29, 30, 58, 60, 500])
def test_nothing_is_lost_however_deep_it_is_quoted_or_listed(mark: str, depth: int) -> None:
    text = f"before\n\n{mark * depth}the end"
    for document in (parse_commonmark(text), parse_discord(text, PEOPLE)):
        for written in (render_commonmark(document), render_slack(document, PEOPLE), render_irc(document, PEOPLE)):
            assert "before" in written
            assert "the end" in written
