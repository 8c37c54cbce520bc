import email.utils
import json
import time
from pathlib import Path

import pytest

from airchat.config import write_config
from tests.sdk.cli.conftest import Run
from tests.sdk.server import Handler, StubHub, once, refused


def levels(run: Run) -> list[str]:
    return [finding["level"] for finding in json.loads(run("doctor", "--json").out)]


def test_healthy_machine_has_nothing_to_repair(run: Run) -> None:
    result = run("doctor")
    assert result.code == 0
    assert {line.split()[0] for line in result.out.splitlines()} == {"OK"}
    assert "The hub knows you as box-x" in result.out


def test_missing_configuration_ends_the_examination(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    assert levels(run) == ["failure"]
    assert run("doctor").code == 1


def test_open_machine_key_comes_with_the_repair(run: Run, machine_home: Path) -> None:
    (machine_home / "machine.key").chmod(0o644)
    assert f"chmod 600 {machine_home / 'machine.key'}" in run("doctor").out


def test_open_agent_key_is_a_warning(run: Run, machine_home: Path) -> None:
    run("whoami")
    (machine_home / "agents" / "box-x.key").chmod(0o644)
    assert levels(run) == ["ok", "warning", "ok", "ok", "ok"]
    assert levels(run) == ["ok"] * 5  # it was replaced


def test_absent_hub_is_a_failure(run: Run, machine_home: Path) -> None:
    write_config(machine_home, {"AIRCHAT_WEB_URL": "http://127.0.0.1:9"})
    assert levels(run) == ["ok", "ok", "failure"]


@pytest.mark.parametrize(("skew", "level"), [(40, "warning"), (-300, "failure")])
def test_wrong_clock_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, skew: int, level: str) -> None:
    def date(handler: Handler, timestamp: float | None = None) -> str:
        return email.utils.formatdate(time.time() - skew, usegmt=True)

    monkeypatch.setattr(Handler, "date_time_string", date)
    findings = json.loads(run("doctor", "--json").out)
    assert findings[3]["level"] == level
    assert ("ahead of" if skew > 0 else "behind") in findings[3]["text"]


@pytest.mark.parametrize(
    ("status", "text", "fix"),
    [
        (403, "No", "airchat-hub machines invite box. Then here: airchat join CODE@127.0.0.1:"),
        (403, "It is deactivated", "On the hub: airchat-hub agents activate box-x"),
        (403, "That name is reserved", "export AIRCHAT_PROJECT=OTHER"),
        (409, "It is owned by another machine", "airchat join CODE@HOST --name OTHER"),
        (409, "Duplicate nonce", "See the hub's log."),
        (429, "No", "Wait a minute"),
    ],
)
def test_refused_registration_comes_with_the_repair(run: Run, stub: StubHub, status: int, text: str, fix: str) -> None:
    refusal = refused(status, text, retry_after="60")
    stub.faults.append(once(lambda handler: handler.reply(refusal), "/api/v2/register", 9))
    result = run("doctor")
    assert result.code == 1
    assert fix in result.out
