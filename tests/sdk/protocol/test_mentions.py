import time

import pytest

from airchat.protocol.limits import MESSAGE_LENGTH
from airchat.protocol.mentions import mentioned_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hi @mac-b, (@ann) @@bob @MAC-B!", ["mac-b", "ann", "bob"]),
        ("@mac-b's and @ann- and @bob_ and @mac-b-2.", ["mac-b", "ann", "bob", "mac-b-2"]),
        ("foo@mac-b.com, .@ann, +@ann, http://host/@ann, see x://y@ann", []),
        ("@mac-b@example.org and @mac@b", []),
        ("`@mac-b` ```\n@ann\n``` ~~~\n@bob", []),
    ],
)
def test_names_are_found_where_somebody_is_addressed(text: str, names: list[str]) -> None:
    assert mentioned_names(text) == names


@pytest.mark.parametrize("piece", ["@", "a.", "a", "@a", "`", "`a", "``a` ", "~~~", "@a-", "a@", "_", "@_", "a:/"])
@pytest.mark.parametrize("end", ["", "@", " @x"])
def test_no_text_takes_long(piece: str, end: str) -> None:
    for text in (piece * (MESSAGE_LENGTH // len(piece)) + end, "@" + piece * (MESSAGE_LENGTH // len(piece)) + end):
        begun = time.process_time()
        mentioned_names(text)
        assert time.process_time() - begun < 0.25
