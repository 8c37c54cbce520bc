import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.transport.flood import AGENT, BRIDGE, NONE, PERSON, Flood, FloodProfile


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def test_burst_is_free_and_then_each_line_waits_its_turn() -> None:
    flood = Flood(FloodProfile(burst=3, rate=2), Clock())
    assert [flood.delay() for _ in range(6)] == [0, 0, 0, 0.5, 1.0, 1.5]


def test_time_pays_back_up_to_the_burst() -> None:
    clock = Clock()
    flood = Flood(FloodProfile(burst=3, rate=2), clock)
    assert [flood.delay() for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now += 0.5
    assert flood.delay() == 0.5
    clock.now += 1_000
    assert [flood.delay() for _ in range(4)] == [0, 0, 0, 0.5]


def test_costly_line_counts_for_several() -> None:
    flood = Flood(FloodProfile(burst=3, rate=2), Clock())
    assert [flood.delay(3), flood.delay(2)] == [0, 1.0]


def test_client_that_becomes_known_starts_anew() -> None:
    flood = Flood(PERSON, Clock())
    for _ in range(100):
        flood.delay()
    flood.change(AGENT)
    assert flood.delay() == 0


def test_no_profile_never_waits() -> None:
    flood = Flood(NONE, Clock())
    assert {flood.delay(1_000) for _ in range(1_000)} == {0}


@pytest.mark.parametrize("profile", [PERSON, AGENT, BRIDGE])
@given(pauses=st.lists(st.floats(min_value=0, max_value=30), max_size=100))
def test_rate_is_never_exceeded(profile: FloodProfile, pauses: list[float]) -> None:
    """A client that waits as told is processed at most `burst + rate * seconds` times."""
    clock = Clock()
    flood = Flood(profile, clock)
    started = clock.now
    for number, pause in enumerate(pauses, 1):
        clock.now += pause
        clock.now += flood.delay()
        assert number <= profile.burst + profile.rate * (clock.now - started) + 1e-6
