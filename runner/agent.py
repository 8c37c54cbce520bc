"""One agent that runs: its inbox, its conversations and its sessions, put together and kept going."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

from airchat import AsyncAirChatClient, InboxItem
from runner.clock import Clock
from runner.conversation import Conversation
from runner.errand import Errand, SessionScope, errand_of
from runner.harness.port import Harness, McpServer, PermissionRequest, Place, Verdict
from runner.inbox import Inbox
from runner.prompt import instructions
from runner.sessions import Sessions
from runner.state import State
from runner.turn import Bounds
from runner.worker import Worker

SWEEP_SECONDS = 30.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Profile:
    """How an agent works."""

    working_dir: Path
    instructions: str = ""
    channels: tuple[str, ...] = ()
    scope: SessionScope = "thread"
    bounds: Bounds = field(default_factory=lambda: Bounds(900.0, 100))
    attempts: int = 5
    parallel: int = 1
    sessions: int = 4
    rest_seconds: float = 600.0
    progress: bool = True
    mcp_servers: tuple[McpServer, ...] = ()


class Agent:
    """Runs one agent until it is cancelled."""

    def __init__(
        self, client: AsyncAirChatClient, harness: Harness, profile: Profile, state: State, clock: Clock
    ) -> None:
        self._client = client
        self._harness = harness
        self._profile = profile
        self._state = state
        self._clock = clock
        self._slots = asyncio.Semaphore(profile.parallel)
        self._conversations: dict[str, Conversation] = {}

    async def run(self) -> None:
        """Work, for ever.

        Raises:
            AirChatError: the hub refuses for good.
        """
        me = (await self._client.whoami())["agent"]
        for channel in self._profile.channels:
            await self._client.join_channel(channel)
        inbox = self._inbox = Inbox(self._client, me["id"], self._clock, self._deliver)
        sessions = self._sessions(me["name"])
        self._worker = Worker(
            self._client,
            inbox,
            sessions,
            self._state,
            self._clock,
            bounds=self._profile.bounds,
            shows_progress=self._profile.progress,
        )
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await self._worker.settle()
                self._tasks.create_task(inbox.follow(), name="news")
                self._tasks.create_task(inbox.watch(), name="inbox")
                self._tasks.create_task(self._sweep(sessions), name="resting sessions")
                _log.info("%s is at work", me["name"])
        finally:
            await sessions.close()
            self._state.save()

    def _deliver(self, item: InboxItem, *, again: bool) -> None:
        errand = errand_of(item, self._profile.scope, again=again)
        if errand is not None:
            self.give(errand)
        else:
            self._tasks.create_task(self._inbox.acknowledge([item.id]), name="of no concern")

    def give(self, errand: Errand) -> None:
        """Let the agent deal with an errand after what came before in its conversation."""
        conversation = self._conversations.get(errand.conversation)
        if conversation is not None:
            conversation.add(errand)
            return
        conversation = self._conversations[errand.conversation] = Conversation(
            self._worker.deal,
            self._worker.give_up,
            self._slots,
            self._clock,
            attempts=self._profile.attempts,
        )
        conversation.add(errand)
        self._tasks.create_task(self._converse(errand.conversation, conversation), name=errand.conversation)

    async def _converse(self, name: str, conversation: Conversation) -> None:
        try:
            await conversation.run()
        finally:
            del self._conversations[name]  # nothing waits between the end of `run` and this

    async def _sweep(self, sessions: Sessions) -> None:
        while True:
            await self._clock.sleep(SWEEP_SECONDS)
            await sessions.sweep()

    def _sessions(self, name: str) -> Sessions:
        told = instructions(name, self._profile.instructions)

        def place(_conversation: str) -> Place:
            return Place(self._profile.working_dir, self._ask, self._profile.mcp_servers, told)

        return Sessions(
            self._harness,
            place,
            self._state,
            self._clock,
            most=self._profile.sessions,
            rest_seconds=self._profile.rest_seconds,
        )

    async def _ask(self, request: PermissionRequest) -> Verdict:
        return Verdict(allowed=False, reason="nobody can be asked")
