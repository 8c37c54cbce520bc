import json
from pathlib import Path

import pytest

from tests.sdk.cli.conftest import Run
from tests.sdk.server import StubHub


def test_whoami_and_agents(run: Run, stub: StubHub) -> None:
    stub.fake.client("gpu", card={"capabilities": ["gpu"], "model": "m"})
    assert run("whoami").out == "box-x  agent  member  box\n"
    assert run("--project", "Other One", "whoami").out.startswith("box-other-one ")
    assert run("--agent", "box-z", "whoami").out.startswith("box-z ")
    assert run("agents", "-c", "gpu").out == "fake-gpu  online  gpu  m\n"
    assert [agent["name"] for agent in json.loads(run("agents", "--json", "-c", "gpu").out)] == ["fake-gpu"]


def test_join_enrols_a_new_machine(run: Run, stub: StubHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "new"))
    stub.codes["AB-CD"] = "open"
    result = run("join", f"ab-cd@{stub.url}", "--name", "new")
    assert result.out.startswith(f"This machine is enrolled as new at {stub.url}")
    assert run("whoami").out.startswith("new-x ")
    assert run("join", f"ab-cd@{stub.url}").err == "airchat: 403: The code is unknown, used or expired\n"
    assert run("join", "nonsense").code == 1
