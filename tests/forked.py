"""`airchat-hub` started in a moment: each is forked off a process that has imported the hub, and else is like any.

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
    """What `subprocess.Popen` is for `airchat-hub` with these arguments; it writes to the ends of the two files."""

    def __init__(self, arguments: list[str], env: Mapping[str, str], output: Path, errors: Path) -> None:
        # One that is left over ends with the tests.
        self._process = _CONTEXT.Process(target=_run, args=(arguments, dict(env), output, errors), daemon=True)
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Return the exit code, or None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for the end, and return the exit code.

        Raises:
            TimeoutExpired: it goes on.
        """
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise TimeoutExpired("airchat-hub", timeout)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.poll() is None:
            os.kill(self.pid, which)


def _run(arguments: list[str], env: dict[str, str], output: Path, errors: Path) -> None:
    for stream, path in ((sys.stdout, output), (sys.stderr, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, stream.fileno())
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["airchat-hub", *arguments]
    from hub.cli.main import main

    main()
