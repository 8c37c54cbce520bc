from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airchat.config import read_config
from airchat.protocol import names
from hooks.agent import COOLDOWN, find_agent, read_settings, sanitize


@given(st.text(max_size=150))
def test_names_are_those_of_the_library(text: str) -> None:
    assert sanitize(text) == names.sanitize(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_settings_are_those_of_the_library(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "some-config"
    path.write_text(text, "utf-8", newline="")
    assert read_settings(str(path)) == read_config(path)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "Web_Shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (tmp_path / ".airchat").mkdir()
    return tmp_path / ".airchat"


def name_and_cooldown() -> tuple[str, float] | None:
    agent = find_agent()
    return (agent.name, agent.cooldown) if agent else None


def test_agent_is_that_of_the_folder_the_session_began_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config").write_text("MACHINE_NAME=box\nAIRCHAT_WEB_URL=http://hub:3003\nAIRCHAT_HOOK_COOLDOWN=7\n")
    agent = find_agent()
    assert agent
    assert (agent.name, agent.project, agent.cooldown, agent.home) == ("box-web-shop", "Web_Shop", 7.0, str(home))
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", f"{home.parent}/api/")
    assert name_and_cooldown() == ("box-api", 7.0)
    monkeypatch.setenv("AIRCHAT_PROJECT", "billing")
    monkeypatch.setenv("AIRCHAT_HOOK_COOLDOWN", "soon")
    assert name_and_cooldown() == ("box-billing", COOLDOWN)


def test_owners_of_tokens_have_files_of_their_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRCHAT_WEB_URL", "http://hub:3003")
    found = set()
    for token in ("one", "two"):
        monkeypatch.setenv("AIRCHAT_TOKEN", token)
        agent = find_agent()
        assert agent
        assert token not in agent.name
        found.add(agent.name)
    assert len(found) == 2


@pytest.mark.parametrize("config", ["", "MACHINE_NAME=box", "AIRCHAT_WEB_URL=http://hub:3003"])
def test_machine_that_is_not_set_up_has_no_agent(home: Path, config: str) -> None:
    (home / "config").write_text(config)
    assert find_agent() is None
