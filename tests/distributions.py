"""Distributions that bring a bridge along, as pip leaves them in a folder of modules."""

from pathlib import Path


def install(folder: Path, name: str, code: str, *, distribution: str | None = None) -> None:
    """Put a distribution into a folder, with a bridge of that name that `make` of its one module makes."""
    distribution = distribution or f"airchat-{name}"
    module = distribution.replace("-", "_")
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    told = folder / f"{module}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    (told / "entry_points.txt").write_text(f"[airchat_hub.bridges]\n{name} = {module}:make\n", encoding="utf-8")
