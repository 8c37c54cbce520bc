"""The import rules of pyproject.toml hold, cover every package, and catch what they forbid."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, packages

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

# For each contract an import that breaks it: the file it is planted in and the line.
VIOLATIONS = {
    "layers": ("store/planted.py", "import hub.core.planted"),
    "bridges": ("bridges/planted_one/__init__.py", "import bridges.planted_two"),
    "agent-side": ("mcp_server/planted.py", "import store"),
    "sdk": ("sdk/airchat/planted.py", "import mcp_server"),
    "mcp-mount": ("hub/core/planted_mount.py", "import mcp_server"),
    "settings": ("hub/core/planted_settings.py", "import hub.settings"),
    "protocol": ("sdk/airchat/protocol/planted.py", "import airchat.planted"),
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the imports of a tree, whatever tree is installed."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    path = os.pathsep.join([str(tree), str(tree / "sdk")])
    environment = os.environ | {"PYTHONPATH": path, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of every package and of the rules."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in packages().values():
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(folder, tmp_path / folder.relative_to(ROOT), ignore=ignore)
    return tmp_path


def test_imports_go_downwards() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_planted_violations_break_every_contract(copy: Path) -> None:
    for folder in ("bridges/planted_one", "bridges/planted_two", "hub/core"):
        (copy / folder).mkdir(exist_ok=True)
        (copy / folder / "__init__.py").touch()
    for file in ("hub/core/planted.py", "store/planted.py", "sdk/airchat/planted.py", "hub/settings.py"):
        (copy / file).touch()
    for file, line in VIOLATIONS.values():
        (copy / file).write_text(f"{line}\n")
    result = lint(copy)
    names = {contract["id"]: contract["name"] for contract in LINTER["contracts"]}
    broken = {identifier for identifier, name in names.items() if f"{name} BROKEN" in result.stdout}
    assert broken == set(VIOLATIONS) == set(names), result.stdout + result.stderr


def test_every_package_is_linted() -> None:
    assert set(LINTER["root_packages"]) == set(packages())


def test_every_agent_side_package_is_kept_from_the_server() -> None:
    contract = next(contract for contract in LINTER["contracts"] if contract["id"] == "agent-side")
    assert set(contract["source_modules"]) == set(packages()) - {"hub", "store", "bridges"}


def test_protocol_needs_only_the_standard_library() -> None:
    foreign = set()
    for file in (packages()["airchat"] / "protocol").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            foreign |= {
                f"{file.relative_to(ROOT)}: {name}"
                for name in names
                if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("airchat.protocol")
            }
    assert foreign == set()
