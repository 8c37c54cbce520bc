import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.hub.cli.conftest import Run
from tests.hub_process import SCRIPTS


def test_without_a_command_all_are_listed(run: Run) -> None:
    told = run("--help").out
    nouns = ("init", "serve", "doctor", "backup", "machines", "agents", "people", "tokens", "channels", "db")
    assert [noun for noun in nouns if f"  {noun} " not in told] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["machines", "add", "laptop"],
        ["people", "add", "ada", "--role", "emperor"],
        ["tokens", "create", "ada", "label", "--days", "0"],
        ["tokens", "create", "ada", "label", "--scope", "all"],
        ["machines", "invite", "--minutes", "0"],
        ["machines", "list", "extra"],
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(run: Run, arguments: Sequence[str]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Error: " in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["machines", "add", "Not A Name", "ab" * 32], "machine_name must have"),
        (["machines", "add", "laptop", "ab"], "public_key must be a raw Ed25519 key: 64 lower-case hex digits"),
        (["machines", "invite", "Not A Name"], "machine_name must have"),
        (["machines", "revoke", "nowhere"], 'No machine is named "nowhere"'),
        (["agents", "deactivate", "nobody"], 'No agent is named "nobody"'),
        (["agents", "activate", "nobody"], 'No agent is named "nobody"'),
        (["people", "add", "system"], "name must have"),
        (["people", "add", "ada", "--email", "nowhere"], "email must be an address"),
        (["people", "login", "nobody"], 'No person is named "nobody"'),
        (["people", "role", "nobody", "admin"], 'No person is named "nobody"'),
        (["tokens", "list", "nobody"], 'Nobody is named "nobody"'),
        (["tokens", "create", "nobody", "scripts"], 'Nobody is named "nobody"'),
        (["tokens", "revoke", "none"], "Token not found"),
        (["channels", "create", "Not A Name"], "channel"),
        (["channels", "create", "dm-0123456789abcdef"], "kept for direct channels"),
        (["channels", "archive", "nowhere"], "Channel not found"),
        (["db", "status", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_ends_with_1(run: Run, arguments: Sequence[str], told: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("airchat-hub: ")
    assert told in result.err
    assert result.err.count("\n") == 1


def test_each_wrong_setting_is_a_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRCHAT_HUB__HTTP__PORT", "many")
    monkeypatch.setenv("AIRCHAT_HUB__HTTP__PROT", "1")
    result = run("machines", "list")
    assert result.code == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in result.err.splitlines()] == [
        "AIRCHAT_HUB__HTTP__PORT",
        "AIRCHAT_HUB__HTTP__PROT",
    ]


def test_data_that_is_no_database_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear database,\n" * 1000)
    monkeypatch.setenv("AIRCHAT_HUB__STORE__URL", f"sqlite:///{path}")
    for command in (["machines", "list"], ["db", "status"], ["db", "migrate"]):
        result = run(*command)
        assert (result.code, result.err.count("\n")) == (1, 1)
        assert "not a database" in result.err


@pytest.mark.slow
def test_words_are_completed() -> None:
    def complete(*words: str) -> list[str]:
        env = os.environ | {
            "_AIRCHAT_HUB_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        done = subprocess.run([SCRIPTS / "airchat-hub"], env=env, capture_output=True, text=True, check=False)
        return done.stdout.split()

    assert complete("airchat-hub", "ma") == ["machines"]
    assert complete("airchat-hub", "channels", "un") == ["unarchive"]
    assert complete("airchat-hub", "people", "role", "ada", "adm") == ["admin"]


@pytest.mark.slow
def test_reader_that_goes_away_is_no_error(run: Run) -> None:
    run("machines", "list")
    command = 'exec 3>&1; "$0" channels list 2>&3 | true'
    done = subprocess.run(["sh", "-c", command, SCRIPTS / "airchat-hub"], capture_output=True, text=True, check=False)
    assert done.stdout == ""
