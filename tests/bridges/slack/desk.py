"""A desk that says what a test wants, and keeps what it was asked."""

import asyncio
from dataclasses import dataclass, field

from airchat.protocol.messages import Message
from hub.relay.contract.desk import Button, Command, Place, Press, Reply, Submission


@dataclass
class ScriptedDesk:
    """Gives `reply` to everything, after `pause` seconds."""

    reply: Reply = field(default_factory=lambda: Reply("done"))
    pause: float = 0.0
    asked: list[Command | Press | Submission] = field(default_factory=list)

    async def command(self, command: Command) -> Reply:
        return await self._answer(command)

    async def press(self, press: Press) -> Reply:
        return await self._answer(press)

    async def submit(self, submission: Submission) -> Reply:
        return await self._answer(submission)

    async def complete(self, place: Place, text: str) -> list[str]:
        return []

    async def buttons(self, message: Message) -> tuple[Button, ...]:
        return ()

    async def _answer(self, asked: Command | Press | Submission) -> Reply:
        self.asked.append(asked)
        await asyncio.sleep(self.pause)
        return self.reply
