import re

from bridges.irc.wire import numerics

NAMED = {name: value for name, value in vars(numerics).items() if name.isupper()}


def test_every_numeric_has_three_digits_and_one_name() -> None:
    assert all(re.fullmatch(r"\d{3}", value) for value in NAMED.values())
    assert len(set(NAMED.values())) == len(NAMED)


def test_names_say_what_is_an_error() -> None:
    replies = {value for name, value in NAMED.items() if name.startswith("RPL_")}
    errors = {value for name, value in NAMED.items() if name.startswith("ERR_")}
    assert replies | errors == set(NAMED.values())
    assert {value for value in errors if value < "400"} == set()
    assert {value for value in replies if "400" <= value < "600"} == set()
