"""Every command is documented as it is, and what the pages tell to type can be typed."""

import re
import shlex

import pytest
import typer

from airchat.cli.main import app as airchat
from hub.cli.main import app as airchat_hub
from runner.cli.main import app as airchat_runner
from tests.docs.commands import rows
from tests.docs.pages import PAGES, ROOT, blocks, page

PROGRAMS = {"airchat": airchat, "airchat-hub": airchat_hub, "airchat-runner": airchat_runner}


@pytest.mark.parametrize("program", PROGRAMS)
def test_commands_are_listed_as_they_are(program: str) -> None:
    listed = [line for line in page("cli.md").splitlines() if line.startswith(f"| `{program} ")]
    assert listed == rows(PROGRAMS[program], program)


def typed() -> list[str]:
    """Every line of the pages' shell blocks that calls one of the programs."""
    lines = [
        line
        for path in PAGES
        for language in ("sh", "")
        for text in blocks(path, language)
        for line in text.splitlines()
    ]
    found = (re.match(r"\s*(?:\.venv/bin/)?(airchat(?:-hub|-runner)? .*?)(?:\s{2,}[#(].*)?$", line) for line in lines)
    return [match[1] for match in found if match]


def test_what_pages_tell_to_type_exists() -> None:
    lines = typed()
    assert len(lines) > 5
    for line in lines:
        for part in line.split(" && "):
            assert_known(shlex.split(part))


def assert_known(words: list[str]) -> None:
    command = typer.main.get_command(PROGRAMS[words[0]])
    rest = words[1:]
    while isinstance(command, typer.core.TyperGroup) and rest:
        assert rest[0] in command.commands, words
        command = command.commands[rest.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    assert [word for word in rest if word.startswith("--") and word not in options] == [], words


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for path in PAGES for name in re.findall(r"`make ([a-z-]+)", path.read_text())}
    assert named
    assert named <= targets
