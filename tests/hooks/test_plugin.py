"""The plugin: complete, well formed, in the wheel, and what its parts name is there."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from hooks.installer.programs import HOOK, MCP
from hooks.installer.texts import COMMANDS, PLUGIN, as_claude, commands
from hooks.main import USAGE
from tests.architecture.tree import ROOT
from tests.docs.pages import page

PARTS = PLUGIN / "airchat"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def parsed(path: Path) -> object:
    return json.loads(path.read_text())


@pytest.mark.slow
def test_wheel_has_every_file_of_the_plugin(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("hooks/plugin/")}
        entries = archive.read(next(name for name in archive.namelist() if name.endswith("entry_points.txt"))).decode()
    assert packed == {str(path.relative_to(ROOT)) for path in PLUGIN.rglob("*") if path.is_file()}
    assert len(packed) >= 12
    assert "airchat-hook = hooks.main:main" in entries
    assert "setup = hooks.cli.setup:setup" in entries


def test_release_is_the_same_everywhere() -> None:
    manifest = parsed(PARTS / ".claude-plugin" / "plugin.json")
    assert isinstance(manifest, dict)
    assert manifest["version"] == PROJECT["version"]


def test_hooks_are_words_that_the_program_knows() -> None:
    hooks = (PARTS / "hooks" / "hooks.json").read_text()
    words = set(re.findall(r'"args": \["([a-z-]+)"\]', hooks))
    known = set(re.findall(r"[a-z-]{4,}", USAGE.partition("[")[2].partition("]")[0]))
    assert words == known
    assert set(re.findall(r'"command": "([^"]+)"', hooks)) == {HOOK}
    assert {HOOK, MCP} <= PROJECT["scripts"].keys()


def test_commands_may_use_the_tools_they_name_and_those_exist() -> None:
    tools = set(re.findall(r"^\| `([a-z_]+)`", page("mcp.md"), re.MULTILINE))
    for command in commands():
        named = set(re.findall(r"`([a-z]+_[a-z_]+)`", command.prompt)) - {"active_within"}
        allowed = re.search("^allowed-tools: (.*)$", as_claude(command), re.MULTILINE)
        assert allowed
        assert named <= tools, command.name
        assert set(allowed[1].split(", ")) == {
            f"mcp__{server}__{tool}" for tool in named for server in ("plugin_airchat_airchat", "airchat")
        }, command.name


def test_commands_are_documented() -> None:
    listed = re.findall(r"^\| `/airchat-([a-z]+)", page("agents.md"), re.MULTILINE)
    assert sorted(listed) == [path.stem for path in sorted(COMMANDS.iterdir())]
