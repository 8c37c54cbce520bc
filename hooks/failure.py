"""What a hook failed of, in a file for `airchat doctor`: hooks themselves are silent."""

import time
from contextlib import suppress
from pathlib import Path

from airchat.identity import default_home, make_private_folder, write_private

FRESH = 86_400.0
"""Seconds for which a failure is worth telling."""


def note(word: str, error: Exception) -> None:
    """Keep why the hook `word` failed; where that cannot be kept either, nothing is left to do."""
    with suppress(OSError):
        make_private_folder(_path().parent)
        write_private(_path(), f"{word}: {type(error).__name__}: {error}\n")


def newest() -> str | None:
    """Return the newest failure, unless it is long ago."""
    with suppress(OSError, UnicodeDecodeError):
        if time.time() - _path().stat().st_mtime < FRESH:
            return _path().read_text("utf-8").strip()
    return None


def forget() -> None:
    """Forget it: whatever it was about has been set up anew."""
    with suppress(OSError):
        _path().unlink()


def _path() -> Path:
    return default_home() / "cache" / "hook-failure"
