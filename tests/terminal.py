"""A terminal for a full-screen program: tmux with a socket of its own."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.waiting import until


class Terminal:
    """Runs one command on a screen of 200 columns and 50 lines; `folder` holds the socket and is the command's home.

    The command gets a clean environment: a few variables, and those in `env`.
    """

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self._env = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(env or {}), "TERM": "screen"}
        self._pid = 0

    def start(self, command: list[str], folder: Path | None = None) -> None:
        """Start the command, in `folder`."""
        size = ["-x", "200", "-y", "50", *(["-c", str(folder)] if folder else [])]
        variables = ["env", "-i", *(f"{name}={text}" for name, text in self._env.items())]
        self._call("new-session", "-d", "-s", "one", *size, *variables, *command)
        self._pid = int(self._call("display-message", "-p", "-t", "one", "#{pane_pid}"))

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        self._call("send-keys", "-t", "one", "-l", line)
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press a key, by tmux's name for it."""
        self._call("send-keys", "-t", "one", key)

    def screen(self) -> str:
        """Return what the screen shows."""
        return self._call("capture-pane", "-t", "one", "-p")

    def stop(self) -> None:
        """Kill the command, and with it the terminal; nothing happens when they are gone."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            until(lambda: not self._alive(), lambda: "tmux goes on")
            self._pid = 0

    def _alive(self) -> bool:
        return subprocess.run([*self._tmux, "has-session"], capture_output=True, check=False).returncode == 0

    def _call(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=True)
        return done.stdout
