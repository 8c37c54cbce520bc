"""Tasks that are offered to the agent: claimed before a turn, kept meanwhile, given back when it comes to nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from airchat import AirChatError, AirChatNotFound, AsyncAirChatClient
from runner.clock import Clock
from runner.harness.port import Broken
from runner.state import Claim, State

RENEWALS = 3
"""How often a claim is renewed within its lease."""

_log = logging.getLogger(__name__)


class Tasks:
    """The tasks of one agent, whose id is `agent_id`."""

    def __init__(self, client: AsyncAirChatClient, state: State, agent_id: str, clock: Clock) -> None:
        self._client = client
        self._state = state
        self._agent_id = agent_id
        self._clock = clock

    async def claim(self, task_id: str) -> Claim | None:
        """Claim a task, or find that it is claimed already, as before a crash; None when it is not to be had.

        Raises:
            Broken: the hub does not say.
        """
        try:
            task = await self._client.claim_task(task_id)
            if task is None:
                task = await self._client.get_task(task_id)
                if task["status"] != "claimed" or task["claimed_by"] != self._agent_id:
                    return None
        except AirChatError as error:
            if not error.transient:
                _log.info("task %s is not to be had: %s", task_id, error)
                return None
            raise Broken(f"the task cannot be claimed: {error}") from error
        if task_id not in self._state.claims:
            self._state.claims.append(task_id)
            self._state.save()
        return Claim(task_id, int(task["fence"]), float(task["lease_seconds"]))

    async def unfinished(self) -> list[dict[str, Any]]:
        """Return the tasks that were worked on when the runner was stopped, and are still the agent's.

        The hub offers them nobody while the claim holds, so they would wait for its end.
        """
        found = []
        for task_id in list(self._state.claims):
            try:
                task = await self._client.get_task(task_id)
            except AirChatNotFound:
                task = {}
            if task.get("status") == "claimed" and task["claimed_by"] == self._agent_id:
                found.append(task)
            else:
                self.forget(task_id)
        return found

    def forget(self, task_id: str) -> None:
        """Note that the task is not worked on any more; the state is saved with what is said of its end."""
        if task_id in self._state.claims:
            self._state.claims.remove(task_id)

    @asynccontextmanager
    async def kept(self, claim: Claim) -> AsyncIterator[None]:
        """Renew the claim meanwhile."""
        renewing = asyncio.create_task(self._renew(claim), name="claim")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])

    async def give_back(self, claim: Claim) -> None:
        """Let others claim the task; a claim that cannot be given back ends with its lease."""
        with suppress(AirChatError):
            await self._client.release_task(claim.task_id, claim.fence)

    async def _renew(self, claim: Claim) -> None:
        while True:
            await self._clock.sleep(claim.lease_seconds / RENEWALS)
            try:
                await self._client.renew_task(claim.task_id, claim.fence)
            except AirChatError as error:
                _log.warning("the claim on task %s cannot be renewed: %s", claim.task_id, error)
