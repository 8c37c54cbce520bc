"""Pytest plugin of a suite run: servers listen on loopback only, and every test's outcome becomes a line of JSON."""

import json
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from irctest import basecontrollers
from irctest.irc_utils import junkdrawer

MACHINERY = {"usefixtures", "parametrize", "skip", "skipif", "xfail", "filterwarnings"}
"""Marks that say nothing about a specification."""

RESULTS = "AIRCHAT_IRCTEST_RESULTS"
"""Environment variable: the file that the lines are written to."""


def loopback_port() -> tuple[str, int]:
    """Return a free address of loopback; the suite's own choice would listen on every interface."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        return host, port


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put the loopback in place, and record in the process that gathers the results."""
    basecontrollers.find_hostname_and_port = loopback_port
    junkdrawer.find_hostname_and_port = loopback_port
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(os.environ[RESULTS])), "irctest-recorder")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send a test's marks along with its outcome."""
    report = yield
    marks = sorted({mark.name for mark in item.iter_markers()} - MACHINERY)
    report.user_properties.append(("marks", marks))
    return report


class Recorder:
    """Writes one line per test: id, outcome, reason, seconds, marks."""

    def __init__(self, file: Path) -> None:
        self._output = file.open("w", encoding="utf-8")
        self._open: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather set-up, call and tear-down of a test."""
        row = self._open.setdefault(
            report.nodeid, {"id": report.nodeid, "outcome": "passed", "reason": "", "seconds": 0.0, "marks": []}
        )
        row["seconds"] = round(row["seconds"] + report.duration, 3)
        row["marks"] = dict(report.user_properties).get("marks", row["marks"])
        if report.outcome != "passed":
            row["outcome"], row["reason"] = self._verdict(report)
        if report.when == "teardown":
            self._output.write(json.dumps(self._open.pop(report.nodeid)) + "\n")
            self._output.flush()

    def pytest_sessionfinish(self) -> None:
        """Close the file."""
        self._output.close()

    @staticmethod
    def _verdict(report: pytest.TestReport) -> tuple[str, str]:
        if report.outcome == "failed":
            crash = getattr(report.longrepr, "reprcrash", None)
            return "failed", crash.message if crash else report.longreprtext
        if hasattr(report, "wasxfail"):
            return "xfailed", report.wasxfail
        where = report.longrepr
        return "skipped", where[2] if isinstance(where, tuple) else report.longreprtext
