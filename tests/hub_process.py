"""A hub in a process of its own: what end-to-end tests, the demo and the benchmarks start, stop and kill."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from tests.forked import ForkedHub
from tests.waiting import SECONDS

SCRIPTS = Path(sys.executable).parent

UNLIMITED = {
    "LIMITS__READ": "0",
    "LIMITS__WRITE": "0",
    "LIMITS__MCP": "0",
    "LIMITS__UPKEEP": "0",
    "LIMITS__REGISTER_PER_IP": "10000",
    "LIMITS__REGISTER_PER_MACHINE": "10000",
    "LIMITS__AGENTS_PER_MACHINE": "1000",
    "GUARDS__ENABLED": "false",
}
"""Settings of a hub that lets one machine do as much as it can."""


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses.

    It lies below the range from which the kernel serves whoever connects: in there, a client that keeps trying to reach
    a hub that is down would sooner or later be given the hub's own port and meet itself.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class HubProcess:
    """`airchat-hub serve` with its state in `folder`; `settings` are environment variables without their prefix."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / f"hub-{self.port}.log"
        self._process: subprocess.Popen[bytes] | ForkedHub | None = None
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AIRCHAT_HUB__HUB__STATE_DIR": str(folder / "hub"),
            "AIRCHAT_HUB__HTTP__PORT": str(self.port),
            "AIRCHAT_HUB__IRC__PORT": "0",
            **{f"AIRCHAT_HUB__{name}": text for name, text in (settings or {}).items()},
        }

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def pid(self) -> int:
        """The process's number; 0 when there is none."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the hub has written to standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def start(self, config: Path | None = None, *, program: bool = False) -> None:
        """Start, and return when the hub serves. The first start is that of the program, the others are quicker.

        Args:
            config: The hub's settings, beside the environment.
            program: Run the program again, with all that it imports.

        Raises:
            RuntimeError: it ended, or did not serve in time; the text is its log.
        """
        arguments = ["serve", *(["--config", str(config)] if config else [])]
        if program or not self._log.exists():
            with self._log.open("ab") as output:
                command = [str(SCRIPTS / "airchat-hub"), *arguments]
                self._process = subprocess.Popen(command, env=self.env, stdout=output, stderr=output)
        else:
            self._process = ForkedHub(arguments, self.env, self._log, self._log)
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the hub did not start:\n{self.log}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Halt the process; connections to it are taken, and nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        os.kill(self.pid, signal.SIGCONT)

    def reload(self) -> None:
        """Have it read its settings anew."""
        os.kill(self.pid, signal.SIGHUP)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        return self._end(signal.SIGTERM)

    def admin(self, *command: str) -> Any:
        """Run `airchat-hub` with these arguments and `--json`; return what it printed."""
        return json.loads(self.command(*command, "--json"))

    def command(self, *arguments: str) -> str:
        """Run `airchat-hub` with these arguments; return what it printed.

        Raises:
            RuntimeError: it failed; the text is what it printed to standard error.
        """
        with TemporaryDirectory() as folder:
            output, errors = Path(folder) / "output", Path(folder) / "errors"
            if ForkedHub(list(arguments), self.env, output, errors).wait(SECONDS):
                raise RuntimeError(errors.read_text(encoding="utf-8"))
            return output.read_text(encoding="utf-8")

    def invite(self, machine: str) -> str:
        """Return a one-use code for a machine."""
        return str(self.admin("machines", "invite", machine)["code"])

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        code = self._process.wait(SECONDS)
        self._process = None
        return code

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as reply:  # noqa: S310 - http to ourselves
                ready: bool = reply.status == 200
        except OSError:
            return False
        return ready
