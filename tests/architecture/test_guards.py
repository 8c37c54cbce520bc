"""The guards around every test do stop what they are there to stop."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import pytest
from blockbuster import BlockingError

import hub


def as_if_in_hub(source: str) -> CodeType:
    """Compile code that the guards take for a module of the hub."""
    return compile(source, str(Path(hub.__file__).with_name("planted.py")), "exec")


def test_network_is_out_of_reach() -> None:
    # Not in the allowed range, though it never leaves the machine, should the guard be broken.
    with socket.socket() as outside, pytest.raises(Exception, match=r"tried to use socket\.socket\.connect"):
        outside.connect(("0.0.0.0", 9))


async def test_loopback_is_within_reach() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_blocking_call_of_the_hub_raises() -> None:
    with pytest.raises(BlockingError):
        exec(as_if_in_hub("import time; time.sleep(0.001)"), {})  # noqa: S102 - our own line


async def test_blocking_call_of_a_test_is_left_alone() -> None:
    time.sleep(0.001)  # noqa: ASYNC251 - the point


async def test_blocking_call_in_a_thread_is_left_alone() -> None:
    code = as_if_in_hub("import time; time.sleep(0.001)")
    run: Callable[[CodeType, dict[str, object]], None] = exec
    await asyncio.to_thread(run, code, {})


def test_home_is_a_folder_of_the_tests(home: Path) -> None:
    assert Path("~/.airchat").expanduser() == home / ".airchat"
    assert not [name for name in os.environ if name.lower().endswith("_proxy")]
