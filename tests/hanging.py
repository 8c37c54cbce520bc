"""Where a crash strikes: a call that never returns, after which the hub is made to end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest


def hang(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, skip: int) -> asyncio.Event:
    """Let a method of a class never return after some calls; return what says that it was reached."""
    reached = asyncio.Event()
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)
    calls = 0

    async def hanging(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > skip:
            reached.set()
            await asyncio.Event().wait()
        return await original(*arguments, **named)

    monkeypatch.setattr(owner, name, hanging)
    return reached
