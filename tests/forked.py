"""Hubs that start in a moment: each is forked off a process that has imported the hub already, and else is like any.

Importing takes most of a start; a test that kills its hub fifty times would do little else.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import TimeoutExpired

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        *(
            "hub.cli.main",
            "hub.app",
            "hub.http",
            "hub.irc",
            "hub.mcp",
            "hub.slack",
            "hub.discord",
            "store.postgres.store",
        ),
        __name__,
    ]
)


class ForkedHub:
    """What `subprocess.Popen` is for `airchat-hub` with these arguments; it writes to the end of `log`."""

    def __init__(self, arguments: list[str], env: Mapping[str, str], log: Path) -> None:
        # One that is left over ends with the tests.
        self._process = _CONTEXT.Process(target=_run, args=(arguments, dict(env), log), daemon=True)
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Return the exit code, or None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for the end, and return the exit code."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise TimeoutExpired("airchat-hub", timeout)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.poll() is None:
            os.kill(self.pid, which)


def _run(arguments: list[str], env: dict[str, str], log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    os.close(output)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["airchat-hub", *arguments]
    from hub.cli.main import main

    main()
