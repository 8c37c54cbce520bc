"""The example explains every setting, and what pages tell to write into hub.toml can be read."""

import re
import tomllib
from pathlib import Path

import pytest

from hub.sections import BudgetSection, IrcNetworkSection, LinkSection, Section
from hub.settings import Settings, load_settings
from tests.docs.pages import PAGES, ROOT, SECTION, SETTING, blocks, explained

EXAMPLE = ROOT / "config" / "hub.example.toml"

LISTED: dict[str, type[Section]] = {"budgets": BudgetSection, "links": LinkSection, "irc_networks": IrcNetworkSection}


def models() -> dict[str, type[Section]]:
    sections = {
        name: type(getattr(Settings(), name)) for name in Settings.model_fields if name not in {*LISTED, "bridges"}
    }
    return sections | LISTED


@pytest.mark.parametrize("section", models())
def test_every_setting_has_its_line_and_its_words(section: str) -> None:
    given = explained(EXAMPLE)[section]
    assert [name.removesuffix("_file") for name in given] == list(models()[section].model_fields)
    for name, (value, above) in given.items():
        assert tomllib.loads(f"x = {value}"), name
        assert above.startswith("# "), f"{name} has no words"
        assert not SETTING.fullmatch(above), f"{name} has no words"
        assert not SECTION.fullmatch(above), f"{name} has no words"


def test_settings_in_the_pages_can_be_read(tmp_path: Path) -> None:
    texts = [(path, text) for path in PAGES for text in blocks(path, "toml") if "[agents" not in text]
    assert texts
    for path, text in texts:
        file = tmp_path / "hub.toml"
        # Files of secrets are on the reader's machine.
        file.write_text(re.sub(r'(\w+)_file = ".*"', r'\1 = "secret"', text))
        assert load_settings(file, {}) != load_settings(None, {}), path
