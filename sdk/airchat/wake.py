"""Who wakes a session of an agent: one process at a time, so that nothing that waits wakes it twice.

Whoever can push into a session - the MCP server of the session, a hook that waits beside it - takes the session's lock
first and keeps it as long as it goes on; who does not get it leaves the session to the other. Of several sessions of an
agent, one is woken with an item: each notes in a file what it was woken with.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from airchat.identity import make_private_folder, write_private

if sys.platform != "win32":
    import fcntl

LONGEST = 3600.0
"""Seconds for which a note can hold; one that claims more was written before the clock was set."""


def session_key(environ: Mapping[str, str], session: str) -> str:
    """Return what names a running session in all that it starts; `session` is its id.

    Claude Code gives a session another id when it is cleared, which what it has started before does not hear of. Its
    inbox and its process stay.
    """
    inbox, process = environ.get("CLAUDE_CODE_MESSAGING_SOCKET"), environ.get("CLAUDE_PID")
    return f"inbox-{Path(inbox).stem}" if inbox else f"process-{process}" if process else session


def lock_path(home: Path, agent: str, session: str) -> Path:
    """Return the lock file of a session, named by its key, in the cache below `home` (`~/.airchat`)."""
    return _path(home, agent, session, "lock")


@dataclass(frozen=True, slots=True)
class Wakes:
    """What the sessions of an agent on this machine are dealing with, of which `session` is one, named by its key."""

    home: Path
    agent: str
    session: str

    def note(self, ids: Iterable[str], seconds: float) -> None:
        """Note what this session is dealing with, items or messages, for so many seconds; it forgets what it was.

        Where nothing can be written, other sessions do not hear of it.
        """
        path, noted = _path(self.home, self.agent, self.session, "json"), sorted(ids)
        with suppress(OSError):
            if noted:
                make_private_folder(path.parent)
                write_private(path, json.dumps({"until": time.time() + seconds, "ids": noted}))
            else:
                path.unlink(missing_ok=True)

    def elsewhere(self) -> set[str]:
        """Return what other sessions are dealing with."""
        return self._noted({_path(self.home, self.agent, self.session, "json")})

    def everywhere(self) -> set[str]:
        """Return what any session is dealing with."""
        return self._noted(set())

    def _noted(self, but: set[Path]) -> set[str]:
        now, found = time.time(), set[str]()
        for path in set((self.home / "cache").glob(f"wake-{self.agent}-*.json")) - but:
            with suppress(OSError, ValueError, KeyError, TypeError):
                noted = json.loads(path.read_text("utf-8"))
                if now < noted["until"] < now + LONGEST:
                    found |= set(noted["ids"])
        return found


def _path(home: Path, agent: str, session: str, kind: str) -> Path:
    return home / "cache" / f"wake-{agent}-{re.sub(r'[^A-Za-z0-9-]', '-', session)[:64]}.{kind}"


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
