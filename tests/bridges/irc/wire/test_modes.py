import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire import modes
from bridges.irc.wire.modes import CHANNEL, USER, Change, Request, parse

VALUES = st.text(alphabet="ab*!@", min_size=1, max_size=4)
CHANGES = st.lists(
    st.builds(Change, st.booleans(), st.sampled_from("imn"))
    | st.builds(Change, st.booleans(), st.sampled_from("bovk"), VALUES)
    | st.builds(Change, st.just(value=True), st.just("l"), VALUES)
    | st.builds(Change, st.just(value=False), st.just("l")),
    max_size=8,
)


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ([], Request()),
        ([""], Request()),
        (["+nt"], Request((Change(True, "n"), Change(True, "t")))),
        (["nt-i"], Request((Change(True, "n"), Change(True, "t"), Change(False, "i")))),
        (["+o-v", "a", "b"], Request((Change(True, "o", "a"), Change(False, "v", "b")))),
        (["b"], Request(shown=("b",))),
        (["+bbeI", "x"], Request((Change(True, "b", "x"),), shown=("b", "e", "I"))),
        (["-bb"], Request(shown=("b",))),
        (["+kl", "key", "9"], Request((Change(True, "k", "key"), Change(True, "l", "9")))),
        (["-kl", "key", "9"], Request((Change(False, "k", "key"), Change(False, "l")))),
        (["-lk"], Request((Change(False, "l"), Change(False, "k")))),
        (["+kl"], Request(missing=("k", "l"))),
        (["+oZi-Zéo"], Request((Change(True, "i"),), unknown=("Z", "é"), missing=("o",))),
        (["+k", ""], Request(missing=("k",))),
        (["+i", "x", "y"], Request((Change(True, "i"),))),
    ],
)
def test_modes_of_channels_are_read(words: list[str], request_: Request) -> None:
    assert parse(words, CHANNEL) == request_


def test_modes_of_users_are_read() -> None:
    assert parse(["+iw-Rx"], USER) == Request(
        (Change(True, "i"), Change(True, "w"), Change(False, "R")), unknown=("x",)
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([], ()),
        ([Change(True, "o", "a"), Change(False, "v", "b")], ("+o-v", "a", "b")),
        ([Change(True, "o", "a"), Change(True, "i"), Change(True, "v", "b")], ("+oiv", "a", "b")),
        ([Change(False, "k")], ("-k",)),
    ],
)
def test_modes_are_written(changes: list[Change], words: tuple[str, ...]) -> None:
    assert modes.format(changes) == words


@given(CHANGES)
def test_what_is_written_reads_the_same(changes: list[Change]) -> None:
    assert parse(modes.format(changes), CHANNEL) == Request(tuple(changes))


@given(st.text(max_size=20), st.lists(st.text(max_size=3), max_size=3))
def test_any_request_is_read(letters: str, values: list[str]) -> None:
    asked = parse([letters, *values], CHANNEL)
    told = {change.letter for change in asked.changes} | {*asked.shown, *asked.unknown, *asked.missing}
    assert told == set(letters) - {"+", "-"}


def test_table_tells_what_numeric_005_says() -> None:
    assert CHANNEL.prefix == "(qaohv)~&@%+"
    assert CHANNEL.chanmodes == "Ibe,k,l,CRUimnstu"
    assert CHANNEL.letters == "CIRUabehiklmnoqstuv"
    assert CHANNEL.valued == "Iabehkloqv"


def test_every_letter_of_channels_has_its_word() -> None:
    assert "".join(sorted(modes.WORDS)) == CHANNEL.letters
    assert {modes.LETTERS[word] for word in modes.WORDS.values()} == set(CHANNEL.letters)
    assert modes.LETTERS["mute"] == "b"
