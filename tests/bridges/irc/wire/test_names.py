import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.protocol.names import is_name
from bridges.irc.wire import names

CHANNELS = st.text(alphabet="#aB1-_.é日\u0130", min_size=1, max_size=120).map(lambda text: f"#{text}")


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("coolguy", ("coolguy", "", "")),
        ("coolguy!ag@127.0.0.1", ("coolguy", "ag", "127.0.0.1")),
        ("coolguy!~ag@localhost", ("coolguy", "~ag", "localhost")),
        ("coolguy@127.0.0.1", ("coolguy", "", "127.0.0.1")),
        ("coolguy!ag", ("coolguy", "ag", "")),
        ("coolguy!ag@net\x035w\x03ork.admin", ("coolguy", "ag", "net\x035w\x03ork.admin")),
        ("coolguy!~ag@n\x02et\x0305w\x0fork.admin", ("coolguy", "~ag", "n\x02et\x0305w\x0fork.admin")),
    ],
)
def test_source_is_split(source: str, parts: tuple[str, str, str]) -> None:
    assert names.split_source(source) == parts


@pytest.mark.parametrize("nick", ["a", "Alice", "[x]", "`_^{|}\\", "a-1", "x" * 32])
def test_nick_may_be_chosen(nick: str) -> None:
    assert names.is_free_nick(nick)
    assert names.is_nick(nick)


@pytest.mark.parametrize("nick", ["3d-agent", "3D-Agent", "a" * 100, "00"])
def test_nick_of_a_principal_may_be_more(nick: str) -> None:
    assert not names.is_free_nick(nick)
    assert names.is_nick(nick)


@pytest.mark.parametrize(
    "nick", ["", "-a", "1", "a b", "a!b", "a@b", "#a", "*", "a.b", "é", "a,b", ":a", "a\n", "A" * 101, "X_" * 17]
)
def test_nick_is_invalid(nick: str) -> None:
    assert not names.is_free_nick(nick)
    assert not names.is_nick(nick)


@pytest.mark.parametrize("channel", ["#a", "##", "#日本", "#a:b", "#" + "x" * 100, "#Foo_Bar"])
def test_channel_is_valid(channel: str) -> None:
    assert names.is_channel(channel)


@pytest.mark.parametrize(
    "channel", ["", "#", "a", "&a", "#a b", "#a,b", "#a\a", "#a\0", "#a\n", "#" + "x" * 101, "#" + "é" * 51]
)
def test_channel_is_invalid(channel: str) -> None:
    assert not names.is_channel(channel)


@pytest.mark.parametrize(
    ("channel", "hub_name"),
    [
        ("#general", "general"),
        ("#General", "general"),
        ("#a-1", "a-1"),
        ("#Foo_Bar", "foo-bar-80c5ee18"),
        ("#a", "a-302d59c4"),
        ("##", "channel-76a71fbe"),
    ],
)
def test_channel_has_a_name_in_the_hub(channel: str, hub_name: str) -> None:
    assert names.hub_channel_name(channel) == hub_name


@given(CHANNELS, CHANNELS)
def test_channels_share_a_name_only_if_they_are_one(one: str, other: str) -> None:
    assert is_name(names.hub_channel_name(one))
    assert names.hub_channel_name(one) == names.hub_channel_name(one.swapcase() if one.isascii() else one)
    same = names.casefold(one) == names.casefold(other)
    assert (names.hub_channel_name(one) == names.hub_channel_name(other)) == same


@given(CHANNELS.filter(names.is_channel))
def test_channel_keeps_its_spelling(channel: str) -> None:
    assert names.irc_channel_name(names.hub_channel_name(channel), {"irc_name": channel}) == channel


@pytest.mark.parametrize("kept", ["#other", "#foo bar", "foo-bar", 7, None])
def test_spelling_that_leads_elsewhere_is_not_used(kept: object) -> None:
    assert names.irc_channel_name("foo-bar", {"irc_name": kept}) == "#foo-bar"
    assert names.irc_channel_name("foo-bar", {}) == "#foo-bar"


def test_only_ascii_letters_are_folded() -> None:
    assert names.casefold("AbZ[]^É\u0130") == "abz[]^É\u0130"


@pytest.mark.parametrize(
    ("text", "user"),
    [("bob", "bob"), ("~bob", "~bob"), ("b o@b!", "bob"), ("é", "user"), ("", "user"), ("x" * 40, "x" * 18)],
)
def test_user_is_made_valid(text: str, user: str) -> None:
    assert names.user_name(text) == user
