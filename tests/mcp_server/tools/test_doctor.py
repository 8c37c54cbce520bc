from pathlib import Path

import pytest

from airchat.doctor import Finding, Level
from mcp_server.tools.doctor import airchat_doctor


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The ~/.airchat of a machine that nearly is set up: the hub does not answer."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".airchat"
    folder.mkdir()
    (folder / "config").write_text("MACHINE_NAME=laptop\nAIRCHAT_WEB_URL=http://127.0.0.1:9\n")
    (folder / "machine.key").write_text("c1" * 32)
    (folder / "machine.key").chmod(0o600)
    return folder


def test_missing_config_is_found(folder: Path) -> None:
    (folder / "config").unlink()
    said = airchat_doctor()
    assert said.startswith("ISSUES FOUND\n[FAIL] Missing required config: AIRCHAT_WEB_URL, MACHINE_NAME.")
    assert "airchat join CODE@HOST" in said


def test_missing_key_is_found(folder: Path) -> None:
    (folder / "machine.key").unlink()
    assert f"[FAIL] There is no machine key at {folder / 'machine.key'}." in airchat_doctor()


def test_open_key_is_found(folder: Path) -> None:
    (folder / "machine.key").chmod(0o644)
    assert f"Run: chmod 600 {folder / 'machine.key'}" in airchat_doctor()


def test_unusable_key_is_found(folder: Path) -> None:
    (folder / "machine.key").write_text("not a key")
    assert "neither 64 hex digits nor an Ed25519 key" in airchat_doctor()


def test_hub_that_does_not_answer_is_found(folder: Path) -> None:
    assert "[FAIL] The hub at http://127.0.0.1:9 cannot be reached" in airchat_doctor()


def test_every_finding_is_told_with_its_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Finding(Level.OK, "Fine"), Finding(Level.WARNING, "The clock is slow", "Set it by NTP")]
    monkeypatch.setattr("mcp_server.tools.doctor.examine", lambda: found)
    assert airchat_doctor() == "ISSUES FOUND\n[PASS] Fine\n[WARN] The clock is slow\n       Set it by NTP"
    found.pop()
    assert airchat_doctor().startswith("HEALTHY\n[PASS] Fine\nRestart this session")
