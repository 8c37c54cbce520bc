"""Files and functions stay short enough to be read at one go."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.architecture.tree import ROOT, sources

SOURCES = list(sources())
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def functions(file: Path) -> Iterator[tuple[str, int]]:
    """Give each function of a file: where it is, and its length without decorators."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", end - node.lineno + 1


def test_source_files_are_short() -> None:
    sizes = [lines(file) for file in SOURCES]
    assert median(sizes) <= 150
    assert quantiles(sizes, n=10)[-1] <= 300


@pytest.mark.parametrize(("files", "limit"), [(SOURCES, 500), (TESTS, 800)], ids=["sources", "tests"])
def test_no_file_is_too_long(files: list[Path], limit: int) -> None:
    long = {str(file.relative_to(ROOT)): lines(file) for file in files if lines(file) > limit}
    assert long == {}


@pytest.mark.parametrize(("files", "limit"), [(SOURCES, 80), (TESTS, 120)], ids=["sources", "tests"])
def test_no_function_is_too_long(files: list[Path], limit: int) -> None:
    long = {place: size for file in files for place, size in functions(file) if size > limit}
    assert long == {}
