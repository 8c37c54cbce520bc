"""What two renderings of one text have in common, and how texts become names of threads."""

import pytest

from bridges.discord.guild import Guild
from bridges.discord.rest import HttpRest
from bridges.discord.text import Outwards, Texts, shape
from bridges.discord.users import Users
from tests.bridges.discord.people import People


@pytest.fixture
def texts() -> Texts:
    rest = HttpRest("token")
    guild = Guild(rest)
    guild.emoji = {"parrot": "<a:parrot:7>"}
    return Texts(guild, Users(rest))


@pytest.mark.parametrize(
    "text",
    [
        "@bob-discord and more words",
        "(@bob-discord). *@otter_x*, see #work: now",
        "a\n\nb  c `x` :parrot: :tada:",
        "no_underscore_here \\*literal\\* <tag>",
        "```py\n@bob-discord\n```",
        "> quoted @bob-discord\n\nanswer",
    ],
)
def test_text_looks_the_same_whoever_it_names(texts: Texts, text: str) -> None:
    people = People({"bob-discord": "123456789012345678"}, {"987654321098765432": "work"})
    outwards = texts.outwards(people)
    assert isinstance(outwards, Outwards)
    sent = texts.to_discord(text, outwards)
    assert shape(sent) == shape(texts.plainly(text))
    assert shape(f"> Alice: question <https://discord.com/channels/1/2/3>\n{sent}") == shape(sent)


@pytest.mark.parametrize(("one", "other"), [("ok", "not ok"), ("@a x", "@b y"), ("1 2", "1 3"), ("a", "")])
def test_other_texts_look_different(one: str, other: str) -> None:
    assert shape(one) != shape(other)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# A *title*\nand more", "A title"),
        ("@\u200ba\u200blice, please", "@alice, please"),
        ("- first\n- second", "first"),
        ("> quoted\n\nanswer", "quoted"),
        ("```\ncode\n```", "code"),
        ("  \n", ""),
        ("x" * 300, "x" * 100),
    ],
)
def test_first_line_is_the_name_of_a_thread(texts: Texts, text: str, title: str) -> None:
    assert texts.title(text) == title
