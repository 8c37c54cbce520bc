"""Each CLI's settings: merged without loss, twice the same, given back exactly."""

import json
import tomllib
from pathlib import Path

import pytest

from airchat.doctor import Level
from airchat.errors import AirChatConfigError
from hooks.installer import jsonc, setup
from hooks.installer.clients import claude_hooks, clients
from hooks.installer.clients.client import Client
from hooks.installer.journal import Journal
from hooks.installer.programs import HOOK, MCP, find_program
from tests.hooks.installer.conftest import contents

COMMANDS = {"agents", "check", "post", "read", "search", "tasks", "update"}
NAMES = ["claude-code", "codex", "gemini", "cursor", "opencode"]

OLD = {
    "claude-code": {
        ".claude/settings.json": json.dumps(
            {
                "model": "opus",
                "hooks": {"UserPromptSubmit": [{"matcher": "", "hooks": [{"type": "command", "command": "date"}]}]},
            }
        ),
        ".claude.json": '{"numStartups": 7, "mcpServers": {"git": {"command": "uvx"}}}',
        ".claude/CLAUDE.md": "# Rules of mine\n\n- no tabs\n",
        ".claude/commands/review.md": "Review it.\n",
    },
    "codex": {
        ".codex/config.toml": 'model = "o5" # big\n\n[mcp_servers.git]\ncommand = "uvx"\n',
        ".codex/AGENTS.md": "# Mine",
    },
    "gemini": {".gemini/settings.json": '{\n  // dark\n  "theme": "dark",\n  "mcpServers": {},\n}\n'},
    "cursor": {".cursor/mcp.json": '{"mcpServers": {"git": {"command": "uvx"}}}'},
    "opencode": {
        ".config/opencode/opencode.jsonc": '{\n\t"$schema": "x", // y\n\t"mcp": {"git": {"type": "local"}}\n}\n'
    },
}


def client(name: str) -> Client:
    return next(one for one in clients() if one.id == name)


def write(home: Path, name: str) -> None:
    for path, text in OLD[name].items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)


def server(home: Path, name: str) -> object:
    match name:
        case "claude-code":
            return json.loads((home / ".claude.json").read_text())["mcpServers"]["airchat"]
        case "codex":
            return tomllib.loads((home / ".codex/config.toml").read_text())["mcp_servers"]["airchat"]
        case "gemini":
            return jsonc.read((home / ".gemini/settings.json").read_text())["mcpServers"]["airchat"]
        case "cursor":
            return json.loads((home / ".cursor/mcp.json").read_text())["mcpServers"]["airchat"]
        case _:
            [path] = (home / ".config/opencode").glob("opencode.json*")
            return jsonc.read(path.read_text())["mcp"]["airchat"]


def expected(name: str) -> object:
    program = find_program(MCP)
    match name:
        case "claude-code":
            return {"type": "stdio", "command": program}
        case "opencode":
            return {"type": "local", "command": [program], "enabled": True}
        case _:
            return {"command": program}


@pytest.mark.parametrize("old", [True, False], ids=["merged", "new"])
@pytest.mark.parametrize("name", NAMES)
def test_everything_comes_and_goes(home: Path, journal: Journal, name: str, old: bool) -> None:
    if old:
        write(home, name)
    before = contents(home)
    assert client(name).install(journal)
    assert server(home, name) == expected(name)
    after = contents(home)
    assert client(name).install(Journal(home / ".airchat")) == []
    assert contents(home) == after
    assert client(name).present()
    assert [found.level for found in client(name).examine()] == [Level.OK] * (2 if name == "claude-code" else 1)
    assert client(name).uninstall(Journal(home / ".airchat"))
    (home / ".airchat").rmdir()
    assert contents(home) == before


@pytest.mark.parametrize("name", NAMES)
def test_what_the_user_changes_in_between_stays(home: Path, journal: Journal, name: str) -> None:
    write(home, name)
    client(name).install(journal)
    settings = home / next(iter(OLD[name]))
    settings.write_text(settings.read_text().replace("uvx", "uvx2").replace("dark", "light").replace("date", "time"))
    client(name).install(journal)
    client(name).uninstall(journal)
    text = settings.read_text()
    assert "airchat" not in text
    assert any(word in text for word in ("uvx2", "light", "time", "git"))


@pytest.mark.parametrize("name", NAMES)
def test_broken_settings_are_named_and_left_alone(home: Path, journal: Journal, name: str) -> None:
    write(home, name)
    (home / next(iter(OLD[name]))).write_text("{ nonsense")
    before = contents(home)
    with pytest.raises(AirChatConfigError, match=r"cannot be changed: .* Nothing was written"):
        client(name).install(journal)
    assert contents(home) == before
    [found] = client(name).examine()
    assert found.level is Level.FAILURE
    assert "is broken" in found.text


@pytest.mark.parametrize("name", ["gemini", "cursor", "codex"])
def test_what_the_entry_says_beside_the_program_stays(home: Path, journal: Journal, name: str) -> None:
    write(home, name)
    settings = home / next(iter(OLD[name]))
    if name == "codex":
        settings.write_text('[mcp_servers.airchat]\ncommand = "uvx"\nargs = ["airchat-mcp"]\nenabled = false\n')
    else:
        entry = {"command": "uvx", "args": ["airchat-mcp"], "enabled": False}
        settings.write_text(json.dumps({"mcpServers": {"airchat": entry}}))
    client(name).install(journal)
    assert server(home, name) == {"command": find_program(MCP), "enabled": False}


@pytest.mark.parametrize(
    "hooks",
    [None, {"UserPromptSubmit": None}, {"UserPromptSubmit": [None, 3, {"hooks": None}, {"hooks": [None, "date"]}]}],
)
def test_odd_hooks_stay_and_ours_are_found_beside_them(home: Path, journal: Journal, hooks: object) -> None:
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(before := json.dumps({"hooks": hooks}))
    missing = [found.text for found in client("claude-code").examine()]
    assert any("the hook is missing" in text for text in missing)
    client("claude-code").install(journal)
    assert {found.level for found in client("claude-code").examine()} == {Level.OK}
    client("claude-code").uninstall(journal)
    assert settings.read_text() == before


def test_hooks_of_others_stay(home: Path, journal: Journal) -> None:
    write(home, "claude-code")
    client("claude-code").install(journal)
    hooks = json.loads((home / ".claude/settings.json").read_text())["hooks"]
    assert hooks["UserPromptSubmit"][0]["hooks"] == [{"type": "command", "command": "date"}]
    assert hooks["UserPromptSubmit"][1]["hooks"][0]["command"] == find_program(HOOK)
    assert {"SessionStart", "Stop"} <= hooks.keys()
    shared = {"hooks": {"Stop": [{"hooks": [{"command": "/x/airchat-hook", "args": ["stop"]}, {"command": "mine"}]}]}}
    assert json.loads(claude_hooks.take(json.dumps(shared))) == {"hooks": {"Stop": [{"hooks": [{"command": "mine"}]}]}}


def test_commands_are_what_each_cli_reads(home: Path, journal: Journal) -> None:
    for name in NAMES:
        client(name).install(journal)
    for folder, ending in [
        (".claude/commands", ".md"),
        (".codex/skills", "/SKILL.md"),
        (".config/opencode/commands", ".md"),
    ]:
        files = [path for path in (home / folder).rglob("*") if path.is_file()]
        assert {str(file.relative_to(home / folder)) for file in files} == {
            f"airchat-{name}{ending}" for name in COMMANDS
        }
        for file in files:
            _, front, prompt = file.read_text().split("---\n", 2)
            for line in front.splitlines():  # YAML, of which JSON is a part
                key, value = line.split(": ", 1)
                assert key in {"name", "description", "argument-hint", "allowed-tools"}
                assert key in {"name", "allowed-tools"} or json.loads(value)
            assert "AirChat" in prompt
    for name in COMMANDS:
        command = tomllib.loads((home / f".gemini/commands/airchat-{name}.toml").read_text())
        assert command["description"]
        assert "$ARGUMENTS" not in command["prompt"]
        for path in (f".cursor/commands/airchat-{name}.md", f".codex/skills/airchat-{name}/SKILL.md"):
            assert "$ARGUMENTS" not in (home / path).read_text()
    assert "{{args}}" in (home / ".gemini/commands/airchat-post.toml").read_text()


def test_cli_that_is_nowhere_is_not_present(home: Path) -> None:
    assert [one.id for one in clients() if one.present()] == []


def test_folders_of_ones_own_are_found(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "cx"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "cc"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in ("codex", "claude-code", "opencode"):
        client(name).install(Journal(home / ".airchat"))
    assert (tmp_path / "cx" / "config.toml").exists()
    assert "airchat" in (tmp_path / "cc" / ".claude.json").read_text()
    assert (tmp_path / "xdg" / "opencode" / "opencode.json").exists()
    assert {path.name for path in home.iterdir()} == {".airchat"}


@pytest.mark.parametrize("name", NAMES)
def test_program_that_is_gone_is_found(home: Path, journal: Journal, name: str) -> None:
    client(name).install(journal)
    for path in home.rglob("*"):
        if path.is_file() and path.suffix in {".json", ".toml"} and ".airchat" not in path.parts:
            path.write_text(path.read_text().replace(find_program(MCP), "/gone/airchat-mcp"))
    [found] = [found for found in client(name).examine() if found.level is not Level.OK]
    assert found.level is Level.FAILURE
    assert "/gone/airchat-mcp does not exist any more" in found.text


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'You must update.' >&2; exit 1", "You must update"),
        ("echo news; echo []", "the answer is no list"),
        ("exit 0", "the answer is no list"),
    ],
)
def test_claude_that_does_not_do_as_told_is_a_failure_with_a_way_out(
    home: Path, journal: Journal, script: str, said: str
) -> None:
    program = home / ".local" / "bin" / "claude"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    [step] = setup.install([client("claude-code")])
    assert step.finding.level is Level.FAILURE
    assert said in step.finding.text
    assert "--files does without plugins" in step.finding.text
