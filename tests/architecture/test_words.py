"""Nothing that is true on one machine only is written down in the repository."""

import re

import pytest

from tests.architecture.tree import ROOT, tracked

# Each pattern is spelled so that it does not match itself.
FORBIDDEN = {
    "the home folder of somebody's machine": r"/roo[t]/|/home/(?!airchat\b)\w|/User[s]/\w",
    "a path of somebody's Windows machine": r"\b[A-Z]:\\User[s]\\",
    "a package registry (which one is used is the installer's choice)": (
        r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|npmjs[.]org|deb[.]debian[.]org|index-ur[l]\b[= ]http"
    ),
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KE[Y]-----",
}

# The others have a suffix; what has none was left by a program that ran in the checkout.
WITHOUT_SUFFIX = {".ci/run", ".gitignore", "LICENSE", "Makefile"}


def test_no_file_was_left_by_a_program() -> None:
    found = {file.relative_to(ROOT).as_posix() for file in tracked() if not file.suffix}
    assert found <= WITHOUT_SUFFIX


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for file in tracked():
        text = file.read_text(errors="ignore")
        found += [
            f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if pattern.search(line)
        ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("the home folder of somebody's machine", "open('/home" + "/kim/notes')"),
        ("the home folder of somebody's machine", "cd /roo" + "t/hub"),
        ("a package registry (which one is used is the installer's choice)", "https://files.python" + "hosted.org/x"),
    ],
    ids=["home", "root", "registry"],
)
def test_pattern_finds(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)
