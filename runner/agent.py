"""One agent that runs: its inbox, its conversations, its sessions and its schedules, put together and kept going."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from airchat import AirChatError, AirChatForbidden, AirChatNotFound, AsyncAirChatClient, InboxItem, Message
from airchat.protocol.trust import Trust
from runner.answers import Answers
from runner.approvals import Approvals
from runner.clock import Clock
from runner.conversation import Conversation
from runner.errand import Errand, SessionScope, errand_of, task_errand
from runner.harness.port import Harness, McpServer, Place
from runner.inbox import Inbox
from runner.orders import Order, listing, may_order, order_of
from runner.presence import Presence
from runner.prompt import instructions
from runner.schedules import Schedule, Schedules
from runner.sessions import Sessions
from runner.state import State
from runner.tasks import Tasks
from runner.turn import Bounds
from runner.usage import Reports
from runner.worker import Worker

SWEEP_SECONDS = 30.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Profile:
    """How an agent works. With `approvals` it asks people for what it may not do unasked: those named, if any are."""

    working_dir: Path
    instructions: str = ""
    channels: tuple[str, ...] = ()
    listens_to: tuple[str, ...] = tuple(Trust)
    scope: SessionScope = "thread"
    bounds: Bounds = field(default_factory=lambda: Bounds(900.0, 100))
    attempts: int = 5
    parallel: int = 1
    sessions: int = 4
    rest_seconds: float = 600.0
    progress: bool = True
    approvals: bool = False
    approvers: tuple[str, ...] = ()
    approval_seconds: int = 600
    mcp_servers: tuple[McpServer, ...] = ()
    schedules: Sequence[Schedule] = ()


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
        self._answers = Answers(client, clock)
        self._presence = Presence(client, clock)
        self._reports = Reports(client, state, clock)
        self._approvals = Approvals(client, state, profile.approvers, profile.approval_seconds)
        self._slots = asyncio.Semaphore(profile.parallel)
        self._schedules = Schedules(profile.schedules, state, clock, self._give)
        self._conversations: dict[str, Conversation] = {}
        self._converse_tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._outside: list[str] = []
        self.name = ""

    async def run(self, started: Callable[[str], None] = lambda _: None) -> None:
        """Work, for ever; `started` is told the agent's name once it does.

        Raises:
            AirChatConflict: another session works as this agent. It comes within an exception group, as others may.
            AirChatError: the hub refuses for good.
        """
        me = (await self._client.whoami())["agent"]
        self.name = me["name"]
        self._inbox = Inbox(self._client, me["id"], self._clock, self._deliver, self._withdraw)
        sessions = self._sessions()
        tasks = Tasks(self._client, self._state, me["id"], self._clock)
        self._worker = self._made_worker(sessions, tasks)
        try:
            async with self._inbox.stream(self._state.name) as news, asyncio.TaskGroup() as self._tasks:
                await self._enter()
                await self._worker.settle()
                await self._approvals.settle()
                for task in await tasks.unfinished():
                    self._give(task_errand(task, again=True))
                self._tasks.create_task(self._inbox.follow(news), name="news")
                self._tasks.create_task(self._inbox.watch(), name="inbox")
                self._tasks.create_task(self._schedules.run(), name="schedules")
                self._tasks.create_task(self._presence.run(), name="presence")
                self._tasks.create_task(self._reports.run(), name="usage")
                self._tasks.create_task(self._sweep(sessions), name="resting sessions")
                started(self.name)
        finally:
            await sessions.close()
            self._state.save()

    async def _enter(self) -> None:
        """Tell what the agent can do, and join its channels."""
        if self._client.card:
            await self._client.set_card(self._client.card)
        await self._join(self._profile.channels)

    async def _join(self, channels: Sequence[str]) -> None:
        """Join channels; it works meanwhile, and tries later what is not there yet, or closed to it."""
        left = []
        for channel in channels:
            try:
                await self._client.join_channel(channel)
            except (AirChatNotFound, AirChatForbidden) as error:
                left.append(channel)
                if channel not in self._outside:
                    _log.warning("#%s cannot be joined yet: %s", channel, error)
        self._outside = left

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, and return when nothing is under way, or after so many seconds."""
        self._draining = True
        for conversation in self._conversations.values():
            conversation.close()
        running = [task for task in self._converse_tasks if not task.done()]
        if running:
            await asyncio.wait(running, timeout=seconds)

    def _deliver(self, item: InboxItem, *, again: bool) -> None:
        errand = errand_of(item, self._profile.scope, again=again)
        if errand is None or not self._listens(errand):
            self._tasks.create_task(self._inbox.acknowledge([item.id]), name="of no concern")
        elif errand.message is not None and (order := order_of(errand.message, self.name)) is not None:
            self._tasks.create_task(self._obey(order, errand, errand.message), name="order")
        else:
            self._give(errand)

    def _withdraw(self, message_id: str) -> None:
        for conversation in self._conversations.values():
            conversation.remove(message_id)

    def _listens(self, errand: Errand) -> bool:
        message = errand.message
        heard = message is None or message.trust in self._profile.listens_to
        if message is not None and not heard:
            _log.info("%s is not listened to (%s)", message.author_name, message.trust)
        return heard

    def _give(self, errand: Errand) -> None:
        """Let the agent deal with an errand after what came before in its conversation."""
        if self._draining:
            return
        conversation = self._conversations.get(errand.conversation)
        if conversation is not None:
            conversation.add(errand)
            return
        conversation = self._conversations[errand.conversation] = Conversation(
            self._worker.deal, self._worker.give_up, self._slots, self._clock, attempts=self._profile.attempts
        )
        conversation.add(errand)
        task = self._tasks.create_task(self._converse(errand.conversation, conversation), name=errand.conversation)
        self._converse_tasks.add(task)
        task.add_done_callback(self._converse_tasks.discard)

    async def _converse(self, name: str, conversation: Conversation) -> None:
        try:
            await conversation.run()
        finally:
            del self._conversations[name]  # nothing waits between the end of `run` and this

    async def _obey(self, order: Order, errand: Errand, message: Message) -> None:
        """Do what a person has ordered, and say so; it needs no turn, and waits for none."""
        said = self._done(order, errand, message) if may_order(message) else "Only people with an account order that."
        try:
            if said:
                await self._answers.post(errand.target, said, f"order-{errand.id}", errand.cause)
        except AirChatError as error:
            _log.warning("an order cannot be answered: %s", error)
        await self._inbox.acknowledge([errand.id])

    def _done(self, order: Order, errand: Errand, message: Message) -> str:
        match order.verb:
            case "stop":
                stopped = self._worker.stop(errand.conversation, f"{message.author_name} said so")
                return "" if stopped else "There is nothing to stop here."
            case "list":
                return listing(self._schedules.list())
            case verb:
                known = self._schedules.pause(order.name, paused=verb == "pause")
                return listing(self._schedules.list()) if known else f"I have no schedule {order.name}."

    async def _sweep(self, sessions: Sessions) -> None:
        while True:
            await self._clock.sleep(SWEEP_SECONDS)
            await sessions.sweep()
            with suppress(AirChatError):
                await self._join(self._outside)

    def _sessions(self) -> Sessions:
        profile = self._profile
        told = instructions(self.name, profile.instructions)

        def place(conversation: str) -> Place:
            return Place(
                profile.working_dir,
                lambda request: self._worker.ask(conversation, request),
                profile.mcp_servers,
                told,
            )

        return Sessions(
            self._harness,
            place,
            self._state,
            self._clock,
            most=profile.sessions,
            rest_seconds=profile.rest_seconds,
        )

    def _made_worker(self, sessions: Sessions, tasks: Tasks) -> Worker:
        profile = self._profile
        return Worker(
            self._inbox,
            sessions,
            self._state,
            self._clock,
            answers=self._answers,
            presence=self._presence,
            reports=self._reports,
            tasks=tasks,
            bounds=profile.bounds,
            approvals=self._approvals if profile.approvals else None,
            shows_progress=profile.progress,
        )
