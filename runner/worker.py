"""The worker: takes errands through a turn, posts the answer, acknowledges, and writes down what must not be repeated.

The order is what keeps promises. A turn that ended well is written down before its answer is posted, the answer is
posted under a key that makes repeating it harmless, and only then are the items acknowledged: wherever a crash strikes,
the hub still has what was not dealt with, and nothing that was is done or said again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace

from airchat import AirChatError
from runner.answers import Answers, quiet
from runner.approvals import Approvals
from runner.clock import Clock
from runner.errand import Errand
from runner.harness.port import (
    Event,
    HarnessError,
    NotStarted,
    PermissionRequest,
    Stop,
    Unavailable,
    Unknown,
    Usage,
    Verdict,
)
from runner.inbox import Inbox
from runner.presence import Presence
from runner.progress import Progress
from runner.prompt import prompt
from runner.sessions import Sessions
from runner.state import Claim, Finished, Report, State
from runner.tasks import Tasks
from runner.turn import Bounds, Outcome, Turn
from runner.usage import Reports

AFRESH = 3
"""After how many failures about the same a session is begun anew: perhaps its past is what ails it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Running:
    turn: Turn
    batch: Sequence[Errand]
    progress: Progress | None


class Worker:
    """Works as one agent. Without `approvals`, whatever it must ask about is refused."""

    def __init__(
        self,
        inbox: Inbox,
        sessions: Sessions,
        state: State,
        clock: Clock,
        *,
        answers: Answers,
        presence: Presence,
        reports: Reports,
        tasks: Tasks,
        bounds: Bounds,
        approvals: Approvals | None = None,
        shows_progress: bool = True,
    ) -> None:
        self._inbox = inbox
        self._sessions = sessions
        self._state = state
        self._clock = clock
        self._answers = answers
        self._presence = presence
        self._reports = reports
        self._tasks = tasks
        self._bounds = bounds
        self._approvals = approvals
        self._shows_progress = shows_progress
        self._running: dict[str, _Running] = {}

    async def settle(self) -> None:
        """Post and acknowledge what had ended well before the runner was stopped."""
        for finished in list(self._state.finished.values()):
            await self._conclude(finished)

    async def deal(self, batch: Sequence[Errand], *, failures: int = 0) -> None:
        """Deal with errands that have one target, in one turn, after so many tries that failed.

        Raises:
            HarnessError: it did not end well; they must be dealt with again.
        """
        first, last = batch[0], batch[-1]
        if failures == AFRESH:
            await self._sessions.drop(first.conversation, forget=True)
        if failures:
            batch = [replace(errand, again=True) for errand in batch]
        if first.task is not None:
            await self._work_on(batch[0], first.task["id"])
            return
        progress = Progress(self._answers, self._clock, first.target, _key(first), last.cause)
        async with self._told(f"working in #{first.target.channel}", progress):
            try:
                outcome = await self._turn(batch, progress)
            except (NotStarted, Unavailable) as error:
                await self._excuse(first, last, str(error))
                raise
        _log.info("%s: %s after %.1f s", first.conversation, outcome.stop, outcome.seconds)
        await self._finish(batch, _text(outcome), progress.message_id)

    async def give_up(self, batch: Sequence[Errand], reason: str) -> None:
        """End errands that cannot be dealt with, and say so where they came from."""
        first = batch[0]
        _log.error("%s: given up: %s", first.conversation, reason)
        await self._sessions.drop(first.conversation, forget=True)
        if first.task is not None:
            await self._leave(first)
            return
        text = f"I could not deal with this: {quiet(reason)}. Ask me again when it is repaired."
        await self._finish(batch, text, None)

    def stop(self, conversation: str, reason: str) -> bool:
        """End the conversation's turn early; tells whether there is one."""
        running = self._running.get(conversation)
        if running is not None:
            running.turn.stop(reason)
        return running is not None

    async def ask(self, conversation: str, request: PermissionRequest) -> Verdict:
        """Ask people about what the conversation's turn wants to do. The turn's time stands still; its end is a no."""
        running = self._running.get(conversation)
        if self._approvals is None or running is None:
            return Verdict(allowed=False, reason="This is not allowed, and nobody can be asked.")
        last = running.batch[-1]
        shown = running.progress.asking(request.tool) if running.progress is not None else nullcontext()
        async with running.turn.held() as ending:
            asking = asyncio.create_task(self._approvals.ask(last.target, last.cause, request))
            ended = asyncio.create_task(ending.wait())
            try:
                with shown:
                    await asyncio.wait([asking, ended], return_when=asyncio.FIRST_COMPLETED)
                return asking.result() if asking.done() else Verdict(allowed=False, reason="The turn was stopped.")
            finally:
                ended.cancel()
                asking.cancel()
                await asyncio.wait([asking, ended])

    async def _excuse(self, first: Errand, last: Errand, reason: str) -> None:
        """Say once why there is no answer yet; the answer takes the place of that."""
        text = f"⏳ I cannot work on this now: {quiet(reason)}. I try again by myself."
        try:
            await self._answers.post(first.target, text, _key(first), last.cause)
        except AirChatError as error:
            _log.info("nothing is said of the delay: %s", error)

    async def _work_on(self, errand: Errand, task_id: str) -> None:
        """Work on a task, if it can be claimed; what comes to nothing is given back."""
        claim = await self._tasks.claim(task_id)
        if claim is None:
            await self._finish([errand], "", None)
            return
        async with self._told("working on a task"), self._tasks.kept(claim):
            outcome = await self._turn([errand])
        if outcome.stop is Stop.END:
            await self._finish([errand], outcome.answer or "Done.", None, claim)
        else:
            await self._leave(errand)

    async def _leave(self, errand: Errand) -> None:
        """Leave a task to others; the hub offers it again, as often as it may be tried."""
        claim = await self._tasks.claim(errand.task["id"]) if errand.task is not None else None
        await self._finish([errand], "", None)
        if claim is not None:
            await self._tasks.give_back(claim)

    async def _turn(self, batch: Sequence[Errand], progress: Progress | None = None) -> Outcome:
        conversation, last = batch[0].conversation, batch[-1]
        if batch[0].due is not None:
            await self._sessions.drop(conversation, forget=True)  # it is told all it needs
        session = await self._sessions.use(conversation)

        def saw(event: Event) -> None:
            self._sessions.begun(conversation)
            if progress is not None:
                progress.saw(event)

        turn = Turn(session, self._bounds, self._clock, saw)
        self._running[conversation] = _Running(turn, batch, progress)
        try:
            outcome = await turn.run(prompt(batch))
        except HarnessError as error:
            await self._sessions.drop(conversation, forget=isinstance(error, Unknown))
            raise
        finally:
            del self._running[conversation]
            self._reports.add(Report(turn.usage or Usage(), last.cause or last.item, last.target.channel, session.id))
        if outcome.stop is Stop.FAILED or outcome.lost:
            await self._sessions.drop(conversation)
        else:
            self._sessions.rest(conversation)
        if outcome.stop is Stop.FAILED:
            raise Unavailable(outcome.detail or "the model gave no answer")
        return outcome

    async def _finish(
        self, batch: Sequence[Errand], text: str, message_id: str | None, claim: Claim | None = None
    ) -> None:
        first = batch[0]
        items = tuple(errand.item for errand in batch if errand.item is not None)
        if first.task is not None:
            self._tasks.forget(first.task["id"])
        finished = Finished(_key(first), items, first.target, text, message_id, batch[-1].cause, claim)
        self._state.finished[finished.key] = finished
        if first.due is not None:
            self._state.schedules[first.due[0]] = first.due[1]
        self._state.save()
        await self._conclude(finished)

    async def _conclude(self, finished: Finished) -> None:
        await self._answers.deliver(finished)
        if finished.items:
            await self._inbox.acknowledge(finished.items)
        del self._state.finished[finished.key]
        self._state.save()

    @asynccontextmanager
    async def _told(self, status: str, progress: Progress | None = None) -> AsyncIterator[None]:
        """Meanwhile, tell what the agent does."""
        self._presence.set(status)
        shown = progress if self._shows_progress else None
        telling = asyncio.create_task(shown.run(), name="progress") if shown is not None else None
        try:
            yield
        finally:
            if telling is not None:
                telling.cancel()
                await asyncio.wait([telling])
            if not self._running:
                self._presence.set("")


def _key(first: Errand) -> str:
    return f"turn-{first.id}"


def _text(outcome: Outcome) -> str:
    """Return what is posted after a turn; nothing when the agent has nothing to say."""
    if outcome.stop is Stop.END:
        return outcome.answer
    stopped = "I was stopped" if outcome.stop is Stop.CANCELLED else "I stopped"
    notice = f"{stopped}: {outcome.detail or 'a limit was reached'}. Tell me to go on if I should."
    return f"{outcome.answer}\n\n{notice}" if outcome.answer else notice
