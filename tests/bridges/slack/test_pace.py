import asyncio

import pytest

from bridges.slack.pace import Pace


async def test_calls_are_spaced_out_per_key_after_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        waits.append(round(seconds, 6))
        now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = Pace(lambda: now, per_second=2.0, burst=3)
    for _ in range(3):
        await pace.wait("a")
    await pace.wait("b")
    assert waits == [0.5, 0.5]

    now += 60
    waits.clear()
    for _ in range(4):
        await pace.wait("a")
    assert waits == [0.5]
