"""Starting a hook in the background: nobody waits for it, and it holds nothing of its caller's open."""

import os
import sys


def start(word: str) -> None:
    """Start `airchat-hook WORD`."""
    command = [sys.executable, "-m", "hooks.main", word]
    if hasattr(os, "posix_spawn"):
        nothing = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]
        os.posix_spawn(sys.executable, command, os.environ, file_actions=nothing, setsid=True)
        return
    import subprocess  # noqa: PLC0415 - slow import

    silent = subprocess.DEVNULL
    subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)
