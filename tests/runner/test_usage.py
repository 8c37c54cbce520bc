"""What turns have taken is reported once, though the hub is away and the runner is ended meanwhile."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from airchat import AirChatConnectionError, AirChatInvalidInput, AsyncAirChatClient
from runner import usage
from runner.clock import SystemClock
from runner.harness.port import Usage
from runner.state import Report, load_state
from runner.usage import Reports
from tests.waiting import eventually


class Hub:
    """Takes reports of usage, unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.taken: dict[str, dict[str, Any]] = {}

    async def report_usage(self, *, client_key: str, **report: Any) -> None:
        if self.away:
            raise AirChatConnectionError("the hub is away", sent=False)
        if report["cause_id"] == "gone":
            raise AirChatInvalidInput("400: cause_id: there is no such message")
        self.taken.setdefault(client_key, report)


class Runner:
    """A runner that can be ended at any moment."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.state = load_state(folder)
        self.reports = Reports(cast("AsyncAirChatClient", hub), self.state, SystemClock())
        self._task = asyncio.create_task(self.reports.run())

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def spent(tokens: int, cause: str | None = None) -> Report:
    return Report(Usage(tokens, cost=0.5, model="m"), cause, "general")


async def test_what_was_spent_while_the_hub_was_away_is_told_by_the_next_start(tmp_path: Path) -> None:
    hub = Hub()
    hub.away = True
    first = Runner(hub, tmp_path)
    for tokens in (1, 2, 3):
        first.reports.add(spent(tokens))
    await first.end()
    assert hub.taken == {}
    hub.away = False
    second = Runner(hub, tmp_path)
    second.reports.add(spent(4))
    await eventually(lambda: len(hub.taken) == 4)
    told = list(hub.taken.values())
    assert [(report["input_tokens"], report["cost_usd"]) for report in told] == [
        (tokens, 0.5) for tokens in (1, 2, 3, 4)
    ]
    await eventually(lambda: load_state(tmp_path).reports == [])
    await second.end()


async def test_report_that_was_told_but_not_struck_off_counts_once(tmp_path: Path) -> None:
    hub, report = Hub(), spent(1)
    state = load_state(tmp_path)
    state.reports.append(report)
    state.save()
    for _ in range(2):
        runner = Runner(hub, tmp_path)
        await eventually(lambda: hub.taken)
        await runner.end()
        state.save()  # as it was before
    assert list(hub.taken) == [report.key]


async def test_cause_that_is_gone_does_not_keep_the_money_from_being_told(tmp_path: Path) -> None:
    hub = Hub()
    runner = Runner(hub, tmp_path)
    runner.reports.add(spent(1, "gone"))
    await eventually(lambda: hub.taken)
    await runner.end()
    [report] = hub.taken.values()
    assert (report["cause_id"], report["channel"], report["input_tokens"]) == (None, None, 1)


async def test_reports_that_wait_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(usage, "MOST", 2)
    hub = Hub()
    hub.away = True
    runner = Runner(hub, tmp_path)
    for tokens in (1, 2, 3):
        runner.reports.add(spent(tokens))
    assert [report.usage.input_tokens for report in load_state(tmp_path).reports] == [2, 3]
    assert "will not be reported" in caplog.text
    await runner.end()
