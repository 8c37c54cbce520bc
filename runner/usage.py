"""Usage: what each turn has taken is reported to the hub, which weighs it against budgets before it wakes the agent.

What the hub does not have yet stands in the agent's state, so that money that was spent is not forgotten by a restart.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

from airchat import AirChatError, AsyncAirChatClient
from runner.backoff import Backoff
from runner.clock import Clock
from runner.state import Report, State

MOST = 500
"""How many reports wait for a hub that is away; of more, the oldest are dropped."""

FAREWELL_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Reports:
    """Reports for one agent, in order."""

    def __init__(self, client: AsyncAirChatClient, state: State, clock: Clock) -> None:
        self._client = client
        self._state = state
        self._clock = clock
        self._news = asyncio.Event()
        if self._waiting:
            self._news.set()

    @property
    def _waiting(self) -> list[Report]:
        return self._state.reports

    def add(self, report: Report) -> None:
        """Report a turn soon."""
        self._waiting.append(report)
        if len(self._waiting) > MOST:
            _log.warning("the usage of a turn will not be reported: %d others wait for the hub", MOST)
            del self._waiting[0]
        self._state.save()
        self._news.set()

    async def run(self) -> None:
        """Send what is added, for ever; in the end, what is left, if the hub takes it at once."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                await self._send_all()
                self._state.save()
        finally:
            with suppress(TimeoutError, AirChatError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    while self._waiting:
                        await self._send(self._waiting[0])

    async def _send_all(self) -> None:
        backoff = Backoff(longest=60.0)
        while self._waiting:
            try:
                await self._send(self._waiting[0])
            except AirChatError as error:
                if not error.transient:
                    self._refused(self._waiting.pop(0), error)
                    continue
                delay = backoff.next()
                _log.info("usage cannot be reported now (%s); again in %.0f s", error, delay)
                await self._clock.sleep(delay)

    def _refused(self, report: Report, error: AirChatError) -> None:
        """Report the turn without what caused it, which may be gone, or be a channel that is yet to be made."""
        if report.cause is not None or report.channel is not None:
            self._waiting.insert(0, replace(report, cause=None, channel=None))
        else:
            _log.warning("the hub refused a report of usage: %s", error)

    async def _send(self, report: Report) -> None:
        usage = report.usage
        await self._client.report_usage(
            model=usage.model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_creation_tokens=usage.cache_creation_tokens,
            cost_usd=usage.cost,
            channel=report.channel if report.cause is None else None,
            cause_id=report.cause,
            session_id=report.session,
            client_key=report.key,
        )
        if self._waiting and self._waiting[0] is report:
            self._waiting.pop(0)
