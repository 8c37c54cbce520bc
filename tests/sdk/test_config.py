from pathlib import Path

import pytest

from airchat import AirChatConfigError, load_config
from airchat.config import write_config
from airchat.identity import create_machine_key


@pytest.fixture
def enrolled(machine_home: Path) -> Path:
    create_machine_key(machine_home)
    return write_config(machine_home, {"AIRCHAT_WEB_URL": "http://hub:3003/", "MACHINE_NAME": "box"})


def test_config_is_read_from_the_home_folder(enrolled: Path) -> None:
    config = load_config()
    assert (config.web_url, config.machine_name, config.home) == ("http://hub:3003", "box", enrolled.parent)
    assert config.private_key_hex == create_machine_key(enrolled.parent)
    assert config.private_key_hex not in repr(config)


def test_config_takes_key_beside_the_named_file(tmp_path: Path, machine_home: Path) -> None:
    other = tmp_path / "other"
    create_machine_key(other)
    path = write_config(other, {"AIRCHAT_WEB_URL": "https://hub/x", "MACHINE_NAME": "b"})
    assert load_config(config_path=str(path)).home == other


def test_environment_wins_over_the_file(enrolled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRCHAT_WEB_URL", "http://elsewhere:1")
    monkeypatch.setenv("MACHINE_NAME", "other")
    config = load_config()
    assert (config.web_url, config.machine_name) == ("http://elsewhere:1", "other")


def test_comments_blanks_and_spaces_are_ignored(enrolled: Path) -> None:
    enrolled.write_text("# AIRCHAT_WEB_URL=http://no\n\n AIRCHAT_WEB_URL = http://hub:1 \nMACHINE_NAME=box\nnonsense\n")
    assert load_config().web_url == "http://hub:1"


def test_missing_settings_are_named(machine_home: Path) -> None:
    with pytest.raises(ValueError, match="AIRCHAT_WEB_URL, MACHINE_NAME"):
        load_config()


def test_token_needs_neither_machine_nor_key(machine_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRCHAT_WEB_URL", "http://hub:3003")
    monkeypatch.setenv("AIRCHAT_TOKEN", "act_1")
    assert load_config().token == "act_1"


@pytest.mark.parametrize("url", ["hub:3003", "ftp://hub", "http://", "http://hub:x", "http://hub/?a=b", "http://[::1"])
def test_address_that_is_no_url_is_refused(enrolled: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AIRCHAT_WEB_URL", url)
    with pytest.raises(AirChatConfigError, match="must look like"):
        load_config()


def test_writing_keeps_other_lines(enrolled: Path) -> None:
    enrolled.write_text("# mine\nSLACK_BOT_TOKEN=xoxb\nMACHINE_NAME=old\n")
    write_config(enrolled.parent, {"MACHINE_NAME": "new"})
    assert enrolled.read_text() == "# mine\nSLACK_BOT_TOKEN=xoxb\nMACHINE_NAME=new\n"
    assert oct(enrolled.stat().st_mode & 0o777) == "0o600"
