"""A session of Claude Code that stays: prompts go in, and turns come out, as JSON lines."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from tests.waiting import SECONDS


class Session:
    """One running session. `events` are all lines it has printed, parsed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.events: list[dict[str, Any]] = []
        self._process = process
        self._turns: asyncio.Queue[str | None] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(), name="claude session")

    async def say(self, prompt: str) -> None:
        """Send a prompt, and return at once."""
        line = json.dumps({"type": "user", "message": {"role": "user", "content": prompt}})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()

    async def turn(self, seconds: float = SECONDS) -> str:
        """Return the result of the next turn, whoever started it; one that ended in the meantime comes first.

        Raises:
            AssertionError: the session has ended.
            TimeoutError: no turn ended in time.
        """
        async with asyncio.timeout(seconds):
            result = await self._turns.get()
        assert result is not None, f"the session ended: {self.events[-1:]}"
        return result

    async def ask(self, prompt: str) -> str:
        """Send a prompt; returns the result of its turn."""
        await self.say(prompt)
        return await self.turn()

    async def close(self) -> None:
        """Let it end by itself, else kill it."""
        if self._process.returncode is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self._process.wait()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            event = json.loads(line)
            self.events.append(event)
            if event["type"] == "result":
                self._turns.put_nowait(str(event.get("result", event["subtype"])))
        self._turns.put_nowait(None)
