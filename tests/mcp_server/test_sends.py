import contextlib

import pytest

from airchat import AirChatConnectionError, AirChatError, AirChatInvalidInput, AirChatUnavailable
from mcp_server.sends import MOST, SendKeys


def attempt(keys: SendKeys, *what: str | None, given: str | None = None, error: Exception | None = None) -> str:
    """Make a send that may fail; returns the key it had."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(AirChatError))
        used = stack.enter_context(keys.key(given, *what))
        if error is not None:
            raise error
    return used


@pytest.mark.parametrize("error", [AirChatConnectionError("broke", sent=True), AirChatUnavailable("503")])
def test_unanswered_send_is_repeated_with_its_key(error: Exception) -> None:
    keys = SendKeys()
    first = attempt(keys, "general", "hi", None, error=error)
    assert attempt(keys, "general", "hi", None, error=error) == first
    assert attempt(keys, "general", "hi", None) == first


def test_key_is_new_after_an_answer() -> None:
    keys = SendKeys()
    first = attempt(keys, "general", "hi")
    refused = attempt(keys, "general", "hi", error=AirChatInvalidInput("400"))
    assert len({first, refused, attempt(keys, "general", "hi")}) == 3


def test_other_send_has_another_key() -> None:
    keys = SendKeys()
    lost = AirChatConnectionError("broke", sent=True)
    sends = [("general", "hi", None), ("general", "hi", "parent"), ("generalhi", "", None), ("general", "ho", None)]
    assert len({attempt(keys, *send, error=lost) for send in sends}) == len(sends)


def test_same_send_under_way_twice_has_one_key() -> None:
    keys = SendKeys()
    with keys.key(None, "general", "hi") as first, keys.key(None, "general", "hi") as second:
        assert first == second


def test_not_every_send_is_remembered_for_ever() -> None:
    keys = SendKeys()
    lost = AirChatConnectionError("broke", sent=True)
    first, second = [attempt(keys, "general", text, error=lost) for text in ("one", "two")]
    for number in range(MOST - 1):
        attempt(keys, "general", str(number), error=lost)
    assert attempt(keys, "general", "two") == second
    assert attempt(keys, "general", "one") != first


def test_given_key_is_used() -> None:
    assert attempt(SendKeys(), "general", "hi", given="mine") == "mine"
