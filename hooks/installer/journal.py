"""What the installer has changed on this machine, so that it can be taken back exactly.

`~/.airchat/setup.json` names each file with a copy of what it was; the copies are beside it. A file that nobody has
changed since is given back as it was, byte for byte; from another only what is ours is removed.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from airchat.identity import make_private_folder, write_private

FRESH = 0o600
"""The mode of a file that was not there before."""


class Journal:
    """The changes in one home folder, `~/.airchat`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "setup.json"
        self._files: dict[str, dict[str, Any]] = {}
        self._folders: list[str] = []
        with suppress(OSError, ValueError, KeyError):
            known = json.loads(self._path.read_text("utf-8"))
            self._files, self._folders = known["files"], known["folders"]

    def files(self) -> list[Path]:
        """Return the files that were changed and not given back."""
        return [Path(name) for name in self._files]

    def write(self, path: Path, text: str) -> bool:
        """Write a file in one step, keeping its mode and a copy of what it was; tells whether that changed it."""
        path = path.resolve()  # a link to somebody's collection of settings stays one
        if _read(path) == text.encode():
            return False
        self.keep(path)
        _replace(path, text.encode(), _mode(path))
        self._note(path)
        return True

    @contextmanager
    def watching(self, path: Path) -> Iterator[None]:
        """Keep a copy of a file that another program is about to change, and note what it made of it."""
        path = path.resolve()
        before = _read(path)
        self.keep(path)
        yield
        if _read(path) != before:
            self._note(path)

    def keep(self, path: Path) -> None:
        """Copy a file away, unless that was done before."""
        path = path.resolve()
        entry = self._files.get(str(path))
        if entry is not None:
            # Somebody has changed it since: what is theirs must survive when ours is taken back.
            entry["shared"] = entry["shared"] or entry["written"] != _digest(path)
            return
        made = [str(folder) for folder in [path.parent, *path.parent.parents] if not folder.exists()]
        self._folders = list(dict.fromkeys([*made, *self._folders]))
        entry = {"copy": None, "written": _digest(path), "shared": False}
        if path.exists():
            copy = self._home / "backups" / f"{hashlib.sha256(str(path).encode()).hexdigest()[:8]}-{path.name}"
            make_private_folder(copy.parent)
            shutil.copyfile(path, copy)
            copy.chmod(0o600)
            entry["copy"] = str(copy)
        self._files[str(path)] = entry
        self._save()

    def untouched(self, path: Path) -> bool:
        """Tell whether a file is as we left it."""
        entry = self._files.get(str(path.resolve()))
        return entry is not None and not entry["shared"] and entry["written"] == _digest(path.resolve())

    def give_back(self, path: Path, without_ours: Callable[[str], str], *, untouched: bool | None = None) -> bool:
        """Make a file what it was before us, or else take out what is ours; tells whether that changed it.

        Raises:
            ValueError: somebody has made it something that ours cannot be taken out of.
        """
        path = path.resolve()
        entry = self._files.get(str(path))
        if entry is None:
            return False
        before = _read(path)
        if self.untouched(path) if untouched is None else untouched:
            self._restore(path, entry)
        elif before is not None:
            text = without_ours(before.decode())
            if text.strip() in {"", "{}"} and entry["copy"] is None:
                path.unlink()
            elif text.encode() != before:
                _replace(path, text.encode(), _mode(path))
        self._forget(path, entry)
        return _read(path) != before

    def _restore(self, path: Path, entry: dict[str, Any]) -> None:
        if entry["copy"] is None:
            path.unlink(missing_ok=True)
        else:
            _replace(path, Path(entry["copy"]).read_bytes(), _mode(path))

    def _forget(self, path: Path, entry: dict[str, Any]) -> None:
        for folder in self._folders:
            with suppress(OSError):  # there is something in it
                Path(folder).rmdir()
        self._folders = [folder for folder in self._folders if Path(folder).exists()]
        del self._files[str(path)]
        self._save()
        if entry["copy"] is not None:
            Path(entry["copy"]).unlink(missing_ok=True)
        with suppress(OSError):
            (self._home / "backups").rmdir()

    def _note(self, path: Path) -> None:
        self._files[str(path)]["written"] = _digest(path)
        self._save()

    def _save(self) -> None:
        if not self._files:
            self._path.unlink(missing_ok=True)
            return
        make_private_folder(self._home)
        write_private(self._path, json.dumps({"files": self._files, "folders": self._folders}, indent=2) + "\n")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _digest(path: Path) -> str | None:
    content = _read(path)
    return None if content is None else hashlib.sha256(content).hexdigest()


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777 if path.exists() else FRESH


def _replace(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
