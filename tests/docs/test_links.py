"""Links between pages lead somewhere, and every page can be found from the README."""

import re
from pathlib import Path

from tests.docs.pages import PAGES, ROOT


def links(path: Path) -> list[tuple[Path, str]]:
    """The files that a page links to, each with the heading it names."""
    targets = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    local = [target.partition("#") for target in targets if "://" not in target]
    return [((path.parent / file).resolve() if file else path, anchor) for file, _, anchor in local]


def headings(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_somewhere() -> None:
    broken = [
        (path.name, target.name, anchor)
        for path in PAGES
        for target, anchor in links(path)
        if not target.exists() or (anchor and anchor not in headings(target))
    ]
    assert broken == []


def test_every_page_is_linked_from_the_readme() -> None:
    assert {path for path in PAGES if path.parent.name == "docs"} <= {target for target, _ in links(ROOT / "README.md")}
