"""Where things are in the checkout: source folders, and the files under version control."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Top-level packages by the folder that holds them; a package of a later release counts from the day it appears.
PACKAGES = {
    "airchat": ROOT / "sdk",
    "bridges": ROOT,
    "hooks": ROOT,
    "hub": ROOT,
    "mcp_server": ROOT,
    "runner": ROOT,
    "store": ROOT,
}


def packages() -> dict[str, Path]:
    """Return the folders of the packages that exist, by name."""
    return {name: folder / name for name, folder in PACKAGES.items() if (folder / name).is_dir()}


def sources() -> Iterator[Path]:
    """Give every Python file of the product, without its tests."""
    for folder in packages().values():
        yield from sorted(folder.rglob("*.py"))


def tracked() -> Iterator[Path]:
    """Give every file that is, or would be on the next commit, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            yield path
