"""A desk that answers as it is told, an intake that keeps everything, and a bridge that runs meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from airchat.protocol.messages import Message
from bridges.discord.bridge import DiscordBridge
from hub.relay.contract import inbound
from hub.relay.contract.desk import Button, Command, Place, Press, Reply, Submission
from hub.relay.contract.inbound import User
from tests.contract.bridges.sides import Received
from tests.waiting import eventually


class Desk:
    """Answers with `reply`, after `wait` seconds; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Command | Press | Submission] = []
        self.begun: list[str] = []
        self.reply = Reply("done")
        self.suggestions: list[str] = []
        self.wait = 0.0

    async def command(self, command: Command) -> Reply:
        return await self._answer(command)

    async def press(self, press: Press) -> Reply:
        return await self._answer(press)

    async def submit(self, submission: Submission) -> Reply:
        return await self._answer(submission)

    async def complete(self, place: Place, text: str) -> list[str]:
        self.begun.append(text)
        return self.suggestions

    async def buttons(self, message: Message) -> tuple[Button, ...]:
        return ()

    async def _answer(self, question: Command | Press | Submission) -> Reply:
        self.asked.append(question)
        await asyncio.sleep(self.wait)
        return self.reply


class People:
    """Names of the hub: users by their name in lower case, with what was told of others."""

    def __init__(self, ids: dict[str, str] | None = None, channels: dict[str, str] | None = None) -> None:
        self.met: dict[str, User] = {}
        self._ids = ids or {}
        self._channels = channels or {}

    async def name_of(self, user: User) -> str:
        self.met[user.id] = user
        return f"{user.name.lower()}-discord"

    def remote_id_of(self, name: str) -> str | None:
        return self._ids.get(name)

    def channel_of(self, remote_channel: str) -> str | None:
        return self._channels.get(remote_channel)

    def remote_channel_of(self, name: str) -> str | None:
        return next((it for it, known in self._channels.items() if known == name), None)


@asynccontextmanager
async def running(bridge: DiscordBridge, desk: Desk | None = None) -> AsyncIterator[Received]:
    """Let the bridge listen, once it is connected."""
    received = Received()
    task = asyncio.create_task(bridge.run(received, desk or Desk()))
    try:
        await eventually(lambda: received.listened > 0 or task.done())
        if task.done():
            await task
        yield received
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def decoded(bridge: DiscordBridge, received: Received, people: People | None = None) -> list[inbound.Inbound]:
    """Return what the events mean, in order."""
    found = [await bridge.decode(event.payload, people or People()) for event in received.in_order()]
    return [it for it in found if it is not None]
