import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire.masks import Mask, parse


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("alice", "alice!*@*"),
        ("alice!bob", "alice!bob@*"),
        ("*@host", "*!*@host"),
        ("bob@host", "*!bob@host"),
        ("@host", "*!*@host"),
        ("!bob", "*!bob@*"),
        ("a!b@c", "a!b@c"),
        ("", "*!*@*"),
        ("a b\r\n!c", "ab!c@*"),
        ("x@y@z", "*!x@y@z"),
        ("$a:bob", "a:bob"),
        ("~a:bob", "a:bob"),
        ("a:bob", "a:bob"),
        ("m:bob", "m:bob!*@*"),
        ("~m:~a:bob", "m:a:bob"),
        ("m:m:bob", "m:bob!*@*"),
        ("m:", "m:*!*@*"),
        ("a:", "a:*"),
        ("~m:$a:", "m:a:*"),
        ("a:m:x", "a:m:x"),
        ("*!*@2001:db8::*", "*!*@2001:db8::*"),
    ],
)
def test_mask_has_one_spelling(text: str, normal: str) -> None:
    assert str(parse(text)) == normal


@given(st.text(alphabet="am:~$!@*?x ", max_size=12))
def test_normal_mask_stays_as_it_is(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


def test_hub_keeps_the_kind_apart() -> None:
    assert parse("m:a:bob") == Mask("$a:bob", mute=True)
    assert parse("bob") == Mask("bob!*@*")


@pytest.mark.parametrize(
    ("mask", "fitting", "others"),
    [
        ("*@127.0.0.1", ["coolguy!ab@127.0.0.1", "cooldud3!~bc@127.0.0.1"], ["coolguy!ab@127.0.0.5", "c!~d@124.0.0.1"]),
        ("cool*@*", [], ["koolguy!ab@127.0.0.5", "cooodud3!~d@124.0.0.1"]),
        ("cool*!*@*", ["coolguy!ab@127.0.0.1", "cool132!ab@example.com"], ["koolguy!ab@127.0.0.5"]),
        ("cool!*@*", ["cool!guyab@127.0.0.1", "COOL!312ab@example.com"], ["coolguy!ab@127.0.0.1", "koolguy!ab@x"]),
        ("cool!?username@*", ["cool!ausername@127.0.0.1", "cool!~username@x"], ["cool!username@127.0.0.1"]),
        ("cool!a?*@*", ["cool!ab@127.0.0.1", "cool!abc@127.0.0.1"], ["cool!a@127.0.0.1"]),
        ("cool[guy]!*@*", ["cool[guy]!guy@127.0.0.1"], ["coolg!ab@127.0.0.1", "cool[!ac@127.0.1.1"]),
    ],
)
def test_mask_fits_whom_it_says(mask: str, fitting: list[str], others: list[str]) -> None:
    assert [parse(mask).fits(source) for source in (*fitting, *others)] == [True] * len(fitting) + [False] * len(others)


def test_mask_of_an_account_fits_no_nick() -> None:
    mask = parse("a:bob")
    assert mask.fits("x!y@z", "Bob")
    assert not mask.fits("bob!bob@bob", "alice")
    assert not mask.fits("bob!bob@bob")
    assert not parse("bob").fits("x!y@z", "bob")
