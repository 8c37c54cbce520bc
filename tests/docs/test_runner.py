"""The runner's example explains every setting, and what its page tells to write can be read."""

import tomllib
from pathlib import Path

import pytest

from runner.config import load_settings
from runner.settings import (
    AgentSection,
    HubSection,
    LimitsSection,
    RunnerSection,
    ScheduleSection,
    Section,
    ServerSection,
)
from tests.docs.pages import PAGES, ROOT, SETTING, blocks, explained

EXAMPLE = ROOT / "config" / "runner.example.toml"
SECTIONS: dict[str, type[Section]] = {
    "runner": RunnerSection,
    "hub": HubSection,
    "agents.helper": AgentSection,
    "agents.helper.limits": LimitsSection,
    "agents.helper.mcp_servers.tickets": ServerSection,
    "agents.helper.schedules": ScheduleSection,
}
INNER = {"limits", "mcp_servers", "schedules"}


def test_example_has_every_section() -> None:
    assert set(explained(EXAMPLE)) == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_has_its_line_and_its_words(section: str) -> None:
    given = explained(EXAMPLE)[section]
    wanted = set(SECTIONS[section].model_fields) - INNER
    assert {"token" if name == "token_file" else name for name in given} == wanted
    for name, (value, above) in given.items():
        assert tomllib.loads(f"x = {value}"), name
        assert above.startswith("# "), f"{name} has no words"
        assert not SETTING.fullmatch(above), f"{name} has no words"


def test_everything_in_the_example_can_be_switched_on(tmp_path: Path) -> None:
    """As far as it goes together: each setting of an agent on its own."""
    (tmp_path / "helper.token").write_text("act_1")
    for section, settings in explained(EXAMPLE).items():
        for name, (value, _) in settings.items():
            head = '[agents.helper]\nworking_dir = "/"\n'
            body = f"{name} = {value}" if section == "agents.helper" else f"[{section}]\n{name} = {value}"
            if section.endswith(("schedules", "tickets")) or name in {"working_dir", "harness"}:
                continue
            file = tmp_path / "runner.toml"
            file.write_text(f"{head}{body}\n")
            assert list(load_settings(file, {}).agents) == ["helper"], (section, name)


def test_example_can_be_read() -> None:
    assert list(load_settings(EXAMPLE, {}).agents) == ["helper"]


def test_settings_in_the_pages_can_be_read(tmp_path: Path) -> None:
    texts = [text for path in PAGES for text in blocks(path, "toml") if "[agents" in text]
    assert texts
    for text in texts:
        file = tmp_path / "runner.toml"
        file.write_text(text)
        assert load_settings(file, {}).agents
