"""The documentation's pages, and what stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "sdk" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]

SETTING = re.compile(r"(?:# )?(\w+) = (.+)")
SECTION = re.compile(r"(?:# )?\[+([\w.]+)\]+")
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """The text of a page in docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> Iterator[str]:
    """The blocks of code in a language."""
    for found, text in _BLOCK.findall(path.read_text(encoding="utf-8")):
        if found == language:
            yield text


def explained(example: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Return what an example of settings shows: section -> key -> (value as written, the line above)."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    section, above = "", ""
    for line in example.read_text(encoding="utf-8").splitlines():
        if match := SECTION.fullmatch(line):
            section = match[1]
        elif section and (match := SETTING.fullmatch(line)):
            found.setdefault(section, {})[match[1]] = match[2], above
        above = line
    return found


def table_rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, without the lines below heads."""
    rows = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]
