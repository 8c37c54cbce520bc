"""The worker: takes errands through a turn, posts the answer, acknowledges, and writes down what must not be repeated.

The order is what keeps promises. A turn that ended well is written down before its answer is posted, the answer is
posted under a key that makes repeating it harmless, and only then are the items acknowledged: wherever a crash strikes,
the hub still has what was not dealt with, and nothing that was is done or said again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from airchat import AirChatError, AsyncAirChatClient
from runner.answers import Answers
from runner.clock import Clock
from runner.errand import Errand
from runner.harness.port import Broken, HarnessError, Stop
from runner.inbox import Inbox
from runner.progress import Progress
from runner.prompt import prompt
from runner.sessions import Sessions
from runner.state import Finished, State
from runner.turn import Bounds, Outcome, Turn

_log = logging.getLogger(__name__)


class Worker:
    """Works as one agent."""

    def __init__(
        self,
        client: AsyncAirChatClient,
        inbox: Inbox,
        sessions: Sessions,
        state: State,
        clock: Clock,
        *,
        bounds: Bounds,
        shows_progress: bool = True,
    ) -> None:
        self._client = client
        self._inbox = inbox
        self._sessions = sessions
        self._state = state
        self._clock = clock
        self._bounds = bounds
        self._shows_progress = shows_progress
        self._answers = Answers(client, clock)
        self._turns: dict[str, Turn] = {}

    async def settle(self) -> None:
        """Post and acknowledge what had ended well before the runner was stopped."""
        for finished in list(self._state.finished.values()):
            await self._conclude(finished)

    async def deal(self, batch: Sequence[Errand]) -> None:
        """Deal with errands that have one target, in one turn.

        Raises:
            HarnessError: it did not end well; they must be dealt with again.
        """
        first, last = batch[0], batch[-1]
        key = f"turn-{first.id}"
        progress = Progress(self._answers, self._clock, first.target, key, last.cause)
        async with self._told(progress, f"working in {first.conversation.partition(':')[2] or first.target.channel}"):
            outcome = await self._turn(batch, progress)
        _log.info("%s: %s after %.1f s", first.conversation, outcome.stop, outcome.seconds)
        await self._finish(batch, _text(outcome), progress.message_id)

    async def give_up(self, batch: Sequence[Errand], reason: str) -> None:
        """End errands that cannot be dealt with, and say so where they came from."""
        _log.error("%s: given up: %s", batch[0].conversation, reason)
        await self._sessions.drop(batch[0].conversation, forget=True)
        await self._finish(batch, f"I could not deal with this: {reason}. Ask me again when it is repaired.", None)

    def stop(self, conversation: str, reason: str) -> bool:
        """End the conversation's turn early; tells whether there is one."""
        turn = self._turns.get(conversation)
        if turn is not None:
            turn.stop(reason)
        return turn is not None

    async def _turn(self, batch: Sequence[Errand], progress: Progress) -> Outcome:
        conversation = batch[0].conversation
        session = await self._sessions.use(conversation)
        turn = self._turns[conversation] = Turn(session, self._bounds, self._clock, progress.saw)
        try:
            outcome = await turn.run(prompt(batch))
        except HarnessError:
            await self._sessions.drop(conversation)
            raise
        finally:
            del self._turns[conversation]
        if outcome.stop is Stop.FAILED:
            await self._sessions.drop(conversation)
            raise Broken(outcome.detail or "the agent could not answer")
        if outcome.lost:
            await self._sessions.drop(conversation)
        else:
            self._sessions.rest(conversation)
        return outcome

    async def _finish(self, batch: Sequence[Errand], text: str, message_id: str | None) -> None:
        first = batch[0]
        items = tuple(errand.id for errand in batch)
        finished = Finished(f"turn-{first.id}", items, first.target, text, message_id, batch[-1].cause)
        self._state.finished[finished.key] = finished
        self._state.save()
        await self._conclude(finished)

    async def _conclude(self, finished: Finished) -> None:
        await self._answers.deliver(finished)
        await self._inbox.acknowledge(finished.items)
        del self._state.finished[finished.key]
        self._state.save()

    @asynccontextmanager
    async def _told(self, progress: Progress, status: str) -> AsyncIterator[None]:
        """Meanwhile, tell what the agent does."""
        await self._present(status)
        telling = asyncio.create_task(progress.run(), name="progress") if self._shows_progress else None
        try:
            yield
        finally:
            if telling is not None:
                telling.cancel()
                await asyncio.wait([telling])
            if not self._turns:
                await self._present("")

    async def _present(self, status: str) -> None:
        with suppress(AirChatError):
            await self._client.set_presence(status)


def _text(outcome: Outcome) -> str:
    """Return what is posted after a turn; nothing when the agent has nothing to say."""
    if outcome.stop is Stop.END:
        return outcome.answer
    stopped = "I was stopped" if outcome.stop is Stop.CANCELLED else "I stopped"
    notice = f"{stopped}: {outcome.detail or 'a limit was reached'}. Tell me to go on if I should."
    return f"{outcome.answer}\n\n{notice}" if outcome.answer else notice
