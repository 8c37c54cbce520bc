"""The copy of a project's reservations on this machine: where it is, and having it brought up to date.

Whoever needs it looks at what is there. It is made anew in the background, by a process that nobody waits for.
"""

import os
import re
import sys
import time

from hooks.agent import Agent

FRESH = 15.0
"""Seconds for which the copy counts as new."""


def path(agent: Agent) -> str:
    """Return the file of the agent's project."""
    return agent.cache(f"reservations-{re.sub(r'[^A-Za-z0-9-]', '-', agent.project)[:64]}.json")


def keep_fresh(agent: Agent) -> None:
    """Have the copy made anew, unless that was done a moment ago."""
    file = path(agent)
    try:
        if 0 <= time.time() - os.stat(file).st_mtime < FRESH:
            return
    except FileNotFoundError:
        os.makedirs(agent.cache(""), mode=0o700, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    os.utime(file)
    _start("refresh")


def _start(word: str) -> None:
    """Start `airchat-hook WORD`; it holds nothing of its caller's open, who is waited for."""
    command = [sys.executable, "-m", "hooks.main", word]
    if hasattr(os, "posix_spawn"):
        nothing = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]
        os.posix_spawn(sys.executable, command, os.environ, file_actions=nothing, setsid=True)
        return
    import subprocess  # noqa: PLC0415 - slow import

    silent = subprocess.DEVNULL
    subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)
