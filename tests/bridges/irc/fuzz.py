"""Fuzzing of IRC sessions: whatever one client sends, nothing fails inside, and everybody else is served.

`python -m tests.bridges.irc.fuzz -max_total_time=60` lets atheris look for bytes that break it. The first byte says
whether the client is registered before it sends the rest, in which bytes from 128 on stand for whole words, so that
mutations make commands. hypothesis looks in `test_hostile_clients`.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bridges.irc.failures import failures

if TYPE_CHECKING:  # imported where atheris looks on
    from tests.bridges.irc.server import Client, IrcHub

CAPABILITIES = ("message-tags", "batch", "labeled-response", "echo-message", "draft/chathistory", "draft/multiline")


WORDS = (
    *(
        "#lobby",
        "#new",
        "ann",
        "*",
        "#lobby,#new",
        "hub",
        "+b",
        "-o+v",
        "+k",
        "+l",
        "*!*@*",
        "LS",
        "302",
        "END",
        "LATEST",
    ),
    *("LATEST", "BETWEEN", "TARGETS", "timestamp=2026-01-01T00:00:00.000Z", "msgid=x", "PLAIN", "GET", "SET", "SUB"),
    *(
        "CREATE",
        "CLAIM",
        "DONE",
        "help",
        "+draft/multiline",
        "@label=1",
        "@batch=b",
        "@+typing=active",
        "@+draft/react=x",
    ),
)


class Sessions:
    """A server that stays, with somebody on it who must be served whatever others send."""

    def __init__(self, hub: IrcHub, witness: Client, words: Sequence[str]) -> None:
        self._words = words
        self._hub = hub
        self._witness = witness
        self._numbers = count()

    async def play(self, data: bytes) -> None:
        """Let a new client send `data`.

        Raises:
            AssertionError: something failed inside, or the witness is not served.
        """
        with failures() as found:
            if data[:1] < b"\x80":
                client = await self._hub.client(f"fuzz{next(self._numbers)}", *CAPABILITIES)
                await client.join("#lobby")
            else:
                client = await self._hub.connect()
            client.send_bytes(self._spelled(data[1:]) + b"\r\n")
            await client.close()
            assert (await self._witness.ask("PING here"))[-1][0] == "PONG"
        assert found == [], found

    def _spelled(self, data: bytes) -> bytes:
        words = self._words
        return b"".join(
            bytes([byte]) if byte < 128 else words[(byte - 128) % len(words)].encode() + b" " for byte in data
        )


async def begin(stack: AsyncExitStack, folder: Path) -> Sessions:
    """Start a server, and a witness in its lobby."""
    # where atheris looks on
    from bridges.irc.commands.all_commands import COMMANDS
    from tests.bridges.irc.server import running_irc_server

    hub = await stack.enter_async_context(running_irc_server(folder, registration="open"))
    witness = await hub.client("ann", "message-tags")
    await witness.join("#lobby")
    return Sessions(hub, witness, (*COMMANDS, *WORDS))


def main() -> None:
    """Let atheris play sessions until something fails or it is told to stop; it never returns."""
    atheris = importlib.import_module("atheris")  # there on Linux alone
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    with atheris.instrument_imports(include=["bridges.irc"]):
        sessions = loop.run_until_complete(begin(stack, Path(tempfile.mkdtemp(prefix="airchat-fuzz-"))))
    atheris.Setup(sys.argv, lambda data: loop.run_until_complete(sessions.play(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
