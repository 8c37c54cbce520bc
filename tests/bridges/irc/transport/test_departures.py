"""Departures: who has something to send sends once, in order, at the end of the round or at once."""

import asyncio

import pytest

from bridges.irc.transport.departures import Departures


class _Connection:
    def __init__(self, name: str, left: list[str]) -> None:
        self._name = name
        self._left = left

    def depart(self) -> None:
        self._left.append(self._name)


class _Broken:
    def depart(self) -> None:
        raise RuntimeError("this one is broken")


async def test_departures_of_a_round_are_at_its_end_in_order() -> None:
    left: list[str] = []
    departures = Departures()
    for name in ("a", "b"):
        departures.add(_Connection(name, left))
    assert left == []
    await asyncio.sleep(0)
    assert left == ["a", "b"]


async def test_departures_now_are_not_repeated_at_the_end_of_the_round() -> None:
    left: list[str] = []
    departures = Departures()
    departures.add(_Connection("a", left))
    departures.now()
    assert left == ["a"]
    departures.add(_Connection("b", left))
    await asyncio.sleep(0)
    assert left == ["a", "b"]


async def test_departures_of_others_go_on_when_one_fails(caplog: pytest.LogCaptureFixture) -> None:
    left: list[str] = []
    departures = Departures()
    departures.add(_Broken())
    departures.add(_Connection("a", left))
    departures.now()
    assert left == ["a"]
    assert "a connection could not send" in caplog.text
