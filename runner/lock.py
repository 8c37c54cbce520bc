"""One runner for each agent: whoever holds the lock of the agent's folder works, others wait."""

import fcntl
import os
from pathlib import Path

from airchat.identity import make_private_folder


class Held(Exception):
    """Another process works as this agent; the text names it."""


class AgentLock:
    """A lock on a folder that ends with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            Held: another process has it.
        """
        make_private_folder(self._path.parent)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode("ascii", "replace").strip()
            os.close(file)
            raise Held(f"process {holder}" if holder.isdigit() else "another process") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Give the lock back; without it, do nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def holder(folder: Path) -> int | None:
    """Return the process that holds the lock of a folder, None when nobody does."""
    try:
        file = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        text = os.read(file, 20).strip()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(file)
