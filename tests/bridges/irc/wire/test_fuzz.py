import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.bridges.irc.wire.fuzz import SEEDS, check

PARTS = st.sampled_from(
    [b"@", b"+a=", b";", b"\\", b":", b" ", b"\r", b"\n", b"\0", b"\xc3", b"\xa9", b"MODE", b"m:", b"$a:"]
)
LINES = st.lists(PARTS | st.binary(min_size=1, max_size=4), max_size=30).map(b"".join)


@pytest.mark.parametrize("data", SEEDS)
def test_seed_holds(data: bytes) -> None:
    check(data)


@given(st.binary(max_size=200) | LINES)
@example(b": a b")
def test_any_bytes_hold(data: bytes) -> None:
    check(data)
