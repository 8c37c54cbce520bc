"""Bridges that other distributions bring along: each mistake is told by the name of its table."""

from pathlib import Path

import pytest

from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import Platform
from hub.relay.installed import installed
from tests.distributions import install

GOOD = """
from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import Platform

def make(settings):
    if unknown := settings.keys() - {"folder"}:
        raise ConfigError(f"there is no setting {min(unknown)}")
    return Platform("paper", lambda: None)
"""

WRONG = {
    "cannot be loaded: ModuleNotFoundError: No module named 'missing_library'": "import missing_library",
    "cannot be loaded: AttributeError: module '.*' has no attribute 'make'": "create = 1",
    "broke: TypeError: 'int' object is not callable": "make = 1",
    "broke: KeyError: 'folder'": "def make(settings): return settings['folder']",
    "must make a Platform, not NoneType": "def make(settings): pass",
    "platform is called paper: both must have one name": GOOD,
}


def test_bridge_is_made_of_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "paper", GOOD)
    monkeypatch.syspath_prepend(tmp_path)
    [platform] = installed({"paper": {"folder": "/srv"}})
    assert isinstance(platform, Platform)
    with pytest.raises(ConfigError, match=r"^\[bridges.paper\]: there is no setting color$"):
        installed({"paper": {"color": "red"}})
    assert installed({}) == []


def test_unknown_bridge_lists_those_that_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "paper", GOOD)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        ConfigError, match=r"^\[bridges.stone\]: no bridge of that name is installed; there are: paper$"
    ):
        installed({"stone": {}})


@pytest.mark.parametrize("told", WRONG)
def test_broken_bridge_says_how(told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"broken{list(WRONG).index(told)}"
    install(tmp_path, name, WRONG[told])
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=rf"^\[bridges.{name}\]: .*{told}"):
        installed({name: {}})


def test_name_that_two_bring_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "paper", GOOD)
    install(tmp_path, "paper", GOOD, distribution="other-paper")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="airchat-paper and other-paper both bring a bridge of that name"):
        installed({"paper": {}})
