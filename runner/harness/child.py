"""A program that speaks JSON lines: started in a process group of its own, and ended with everything it has started."""

import asyncio
import json
import logging
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from runner.harness.port import Broken, NotStarted

LINE_BYTES = 16 * 1024 * 1024
GRACE_SECONDS = 5.0
_KEPT_LINES = 20
_SHOWN = 300

_log = logging.getLogger(__name__)


class Child:
    """A running program. What it writes to standard error goes to the log; its end is kept to explain failures."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._complaints: deque[str] = deque(maxlen=_KEPT_LINES)
        self._listener = asyncio.create_task(self._listen(), name=f"complaints of {process.pid}")

    @classmethod
    async def start(cls, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Self:
        """Start a program; `env` comes over this process's environment.

        Raises:
            NotStarted: there is no such program, or no such folder.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=cwd,
                env={**inherited(), **env},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LINE_BYTES,
                start_new_session=True,
            )
        except OSError as error:
            raise NotStarted(f"{command[0]} cannot be started: {error.strerror or error}") from error
        return cls(process)

    @property
    def streams(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        """Its standard input and output, for those who speak something else over them than rows."""
        if self._process.stdin is None or self._process.stdout is None:
            raise NotStarted("the program has no standard input and output")
        return self._process.stdin, self._process.stdout

    async def write(self, text: str, *, last: bool = False) -> None:
        """Write to its standard input, which ends with the `last` text.

        Raises:
            Broken: it does not listen any more.
        """
        stdin = self._process.stdin
        if stdin is None:
            raise Broken("the program takes no input")
        try:
            stdin.write(text.encode(errors="replace"))
            await stdin.drain()
            if last:
                stdin.close()
        except (ConnectionError, RuntimeError) as error:
            raise Broken(await self.epitaph()) from error

    async def rows(self) -> AsyncIterator[dict[str, Any]]:
        """Give the JSON objects that it writes, one a line, to its end; other lines are passed over.

        Raises:
            Broken: a line is too long.
        """
        stdout = self._process.stdout
        while stdout is not None:
            try:
                line = await stdout.readline()
            except ValueError as error:
                raise Broken("the program wrote a line of more than 16 MiB") from error
            if not line:
                return
            with suppress(ValueError):
                row = json.loads(line)
                if isinstance(row, dict):
                    yield row
                    continue
            _log.debug("passed over: %s", line[:_SHOWN].decode(errors="replace").rstrip())

    def interrupt(self) -> None:
        """Ask it to stop what it does."""
        self._signal(signal.SIGINT)

    async def end(self) -> int:
        """End the program, with force if need be; returns its exit code."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS):
                    await self._process.wait()
        self._signal(signal.SIGKILL)  # whatever it has started and left behind
        code = await self._process.wait()
        await asyncio.wait([self._listener], timeout=1.0)
        self._listener.cancel()
        return code

    async def epitaph(self) -> str:
        """Say how it ended, once it has, in one line; one that says no more has a moment to end."""
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                code = await self._process.wait()
        except TimeoutError:
            return "the program says nothing more, and does not end"
        await asyncio.wait([self._listener], timeout=1.0)
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        said = next((line for line in reversed(self._complaints) if line.strip()), "")
        return f"the program ended {how}" + (f": {said.strip()[:_SHOWN]}" if said else "")

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _listen(self) -> None:
        stderr = self._process.stderr
        while stderr is not None:
            try:
                line = await stderr.readline()
            except ValueError:
                continue
            if not line:
                return
            self._complaints.append(line.decode(errors="replace"))
            _log.debug("%d: %s", self._process.pid, self._complaints[-1].rstrip())


def inherited() -> dict[str, str]:
    """Return this process's environment without what is the runner's own business."""
    return {
        name: text for name, text in os.environ.items() if not name.startswith(("AIRCHAT_RUNNER__", "AIRCHAT_TOKEN"))
    }
