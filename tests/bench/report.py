"""The report: figures as a table for the terminal, and docs/performance.md."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.benchmark import Figure
from tests.bench.plan import ROOT

PAGE = ROOT / "docs" / "performance.md"
TABLE = "<!-- figures -->"
_MARKS = {True: "yes", False: "**no**", None: ""}


def machine() -> str:
    """Return what the figures were measured on, and when."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")),
        platform.machine(),
    )
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    )


def table(rows: Iterable[str]) -> str:
    """Return rows as a Markdown table."""
    head = "| # | work | target | figure | yardstick of the same run | ratio | met |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(f"{row}\n" for row in rows)


def row(figure: Figure) -> str:
    """Return a figure as a row of the table."""
    it = figure
    return f"| {it.key} | {it.work} | {it.target} | {it.figure} | {it.yardstick} | {it.ratio} | {_MARKS[it.met]} |"


def line(figure: Figure) -> str:
    """Return a figure as a line for the terminal."""
    mark = {True: "ok", False: "MISSED", None: ""}[figure.met]
    ratio = f", ratio {figure.ratio}" if figure.ratio != "—" else ""
    return f"{figure.key:<4} {mark:<7} {figure.work}: {figure.figure}  [{figure.target}{ratio}; {figure.yardstick}]"


def write(figures: Sequence[Figure], page: Path = PAGE) -> None:
    """Replace the machine and the table between the two marks of the page; the text around them stays."""
    _write([row(figure) for figure in figures], page)


def update(figures: Sequence[Figure], page: Path = PAGE) -> None:
    """Put the figures in the place of the same work's earlier ones; the others stay as they are."""
    rows = {_work(text): text for text in _lines(page) if text.startswith("| P")}
    rows |= {_work(text): text for text in map(row, figures)}
    _write([rows[work] for work in sorted(rows, key=lambda work: int(work[0][1:]))], page)


def _work(text: str) -> tuple[str, str]:
    """Return what a row measures: its target's key, and the work."""
    _, key, work, *_ = (cell.strip() for cell in text.split("|"))
    return key, work


def _write(rows: Sequence[str], page: Path) -> None:
    before, _, rest = page.read_text(encoding="utf-8").partition(TABLE)
    _, _, after = rest.partition(TABLE)
    page.write_text(f"{before}{TABLE}\n\n{machine()}\n\n{table(rows)}\n{TABLE}{after}", encoding="utf-8")


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
