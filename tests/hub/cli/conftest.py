"""Running the command within the test, on a store of the test's own."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.cli.main import main
from tests.hub_process import free_port

KEY = "ab" * 32
OTHER_KEY = "cd" * 32


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def run(tmp_path: Path, state_dir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `airchat-hub ARGUMENTS` as somebody whose home is the test's folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AIRCHAT_HUB__HUB__STATE_DIR", str(state_dir))
    monkeypatch.setenv("AIRCHAT_HUB__HTTP__PORT", str(free_port()))
    monkeypatch.setenv("AIRCHAT_HUB__IRC__PORT", "0")

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["airchat-hub", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return run
