"""Who wakes a session of an agent: one process at a time, so that nothing that waits wakes it twice.

Whoever can push into a session - the MCP server of the session, a hook that waits beside it - takes the session's lock
first and keeps it as long as it goes on; who does not get it leaves the session to the other. Standard library only.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def lock_path(home: Path, agent: str, session: str) -> Path:
    """Return the session's lock file, in the cache below `home` (`~/.airchat`)."""
    return home / "cache" / f"wake-{agent}-{re.sub(r'[^A-Za-z0-9-]', '-', session)[:64]}.lock"


@contextmanager
def wake_lock(home: Path, agent: str, session: str) -> Iterator[bool]:
    """Take the session's lock, if it is free, until the context ends; gives whether it was taken.

    It goes with the process, too. Where there are no such locks, or no file can be written, it is never taken.
    """
    path = lock_path(home, agent, session)
    file = _taken(path)
    try:
        yield file is not None
    finally:
        if file is not None:
            with suppress(OSError):
                path.unlink()  # before it is let go: whoever waits on this very file sees that it is gone
            os.close(file)


def _taken(path: Path) -> int | None:
    if sys.platform == "win32":
        return None
    file = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                if os.fstat(file).st_ino == path.stat().st_ino:
                    return file
            os.close(file)  # it was let go, and removed, between opening and locking
            file = None
    except OSError:
        if file is not None:
            os.close(file)
        return None
