"""Who comes first goes first, but for what presses, which can begin to press while it waits."""

import asyncio

import pytest

from hub.relay.turns import Turns


class Queue:
    """Turns that begin when `open` is set; `order` is who had one."""

    def __init__(self) -> None:
        self.turns = Turns(self._ready)
        self.open = asyncio.Event()
        self.order: list[str] = []
        self.pressed: set[str] = set()
        self.waits = 0

    async def _ready(self) -> None:
        self.waits += 1
        await self.open.wait()

    async def go(self, name: str) -> asyncio.Task[None]:
        """Let somebody wait for a turn."""

        async def take() -> None:
            async with self.turns.take(lambda: name in self.pressed):
                self.order.append(name)
                await asyncio.sleep(0)

        task = asyncio.create_task(take())
        await asyncio.sleep(0)
        return task


async def test_first_come_first_served_until_something_presses() -> None:
    queue = Queue()
    tasks = [await queue.go(name) for name in "abcd"]
    queue.pressed.add("c")  # while a waits for the moment to begin
    queue.open.set()
    await asyncio.gather(*tasks)
    assert queue.order == ["c", "a", "b", "d"]
    assert (queue.waits, queue.turns.taken) == (4, False), "nobody waited for c's moment once more"


async def test_who_gives_up_leaves_the_turn_to_others() -> None:
    queue = Queue()
    first, second, third = [await queue.go(name) for name in "abc"]
    second.cancel()
    first.cancel()
    queue.open.set()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert queue.order == ["c"]


async def test_turn_that_is_given_to_who_gives_up_in_that_moment_is_passed_on() -> None:
    queue = Queue()
    queue.open.set()
    async with queue.turns.take():
        waiting, other = await queue.go("a"), await queue.go("b")
    waiting.cancel()
    await asyncio.gather(waiting, other, return_exceptions=True)
    assert queue.order == ["b"]


async def test_turn_that_cannot_begin_does_not_stop_others() -> None:
    async def ready() -> None:
        if not failures:
            failures.append(1)
            raise OSError

    failures: list[int] = []
    turns = Turns(ready)
    with pytest.raises(OSError):
        async with turns.take():
            pass
    async with turns.take():
        assert turns.taken


async def test_all_who_are_ended_at_once_end() -> None:
    queue = Queue()
    tasks = [await queue.go(name) for name in "abcd"]
    for task in tasks[:3]:
        task.cancel()
    queue.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(it) for it in found] == [asyncio.CancelledError] * 3 + [type(None)]
    assert (queue.order, queue.turns.taken) == (["d"], False)
