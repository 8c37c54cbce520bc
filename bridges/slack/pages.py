"""Pages of what was said: channels and threads, read as fast as Slack lets the app, which may be once a minute.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bridges.slack.errors import translated
from bridges.slack.pace import Pace
from hub.relay.contract.bridge import Intake
from hub.relay.contract.errors import NotReady
from hub.relay.turns import Pressing, Turns, never

Json = dict[str, Any]

_PAGE = 200
_PER_SECOND = 0.7
_BURST = 10
_SLOW_PAGE = 15
"""As many messages has a page of an app that is held to one page a minute."""
_SLOW_SECONDS = 60.0
_PATIENT_SECONDS = 20.0
"""Slack asks others than such apps to wait for less."""


class Pages:
    """Asks for one page of each kind at a time; what Slack asks to wait for, waits. What presses is read first."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._histories = Asking("history")
        self._replies = Asking("replies")

    def remember(self, intake: Intake) -> None:
        """Keep there until when Slack wants not to be asked, and heed what is kept."""
        self._histories.intake = self._replies.intake = intake

    async def history(
        self,
        channel: str,
        oldest: float | str,
        latest: str | None = None,
        limit: int = _PAGE,
        pressing: Pressing = never,
    ) -> AsyncIterator[list[Json]]:
        """Yield pages of a channel, newest first, without replies that are only in threads; bounds are not included."""

        async def page(cursor: str) -> AsyncSlackResponse:
            return await self._client.conversations_history(
                channel=channel,
                oldest=_ts(oldest),
                latest=latest,
                limit=limit,
                cursor=cursor,
                include_all_metadata=True,
            )

        async for found in self._histories.pages(page, pressing):
            yield found

    async def replies(
        self,
        channel: str,
        root: str,
        oldest: float | str,
        latest: str | None = None,
        pressing: Pressing = never,
    ) -> AsyncIterator[Json]:
        """Yield replies in a thread, oldest first."""

        async def page(cursor: str) -> AsyncSlackResponse:
            return await self._client.conversations_replies(
                channel=channel,
                ts=root,
                oldest=_ts(oldest),
                latest=latest,
                limit=_PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )

        async for found in self._replies.pages(page, pressing):
            for message in found:
                if message["ts"] != root:
                    yield message

    async def newest(self, channel: str) -> str | None:
        """Return the ts of a channel's newest message; None without one, or when asking would cost others a turn."""
        if self._histories.busy:
            return None
        async for found in self.history(channel, 0.0, limit=1):
            return str(found[0]["ts"]) if found else None
        return None


class Asking:
    """Asks for pages of one kind. Slack may hold an app to one of them a minute, which is found out on the way."""

    def __init__(self, method: str) -> None:
        self.intake: Intake | None = None
        self._method = method
        self._pace = Pace(time.monotonic, _PER_SECOND, _BURST)
        self._turns = Turns(self._ready)
        self._slow = False
        self._not_before = 0.0

    @property
    def busy(self) -> bool:
        """Whether asking would cost others a turn."""
        return self._turns.taken or self._slow

    async def pages(
        self, ask: Callable[[str], Awaitable[AsyncSlackResponse]], pressing: Pressing
    ) -> AsyncIterator[list[Json]]:
        """Yield the messages of each page; `ask` asks for the one at a cursor."""
        cursor = ""
        while True:
            page = await self._patiently(ask, cursor, pressing)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            messages = list(page["messages"])
            if cursor and len(messages) == _SLOW_PAGE and not self._slow:
                self._slow = True
                await self._close(_SLOW_SECONDS)
            yield messages
            if not cursor:
                return

    async def _patiently(
        self, ask: Callable[[str], Awaitable[AsyncSlackResponse]], cursor: str, pressing: Pressing
    ) -> AsyncSlackResponse:
        """Ask again when Slack said so: pages read already are not read once more for it."""
        while True:
            async with self._turns.take(pressing):
                try:
                    with translated():
                        page = await ask(cursor)
                    if self._slow:
                        await self._close(_SLOW_SECONDS)  # it counts from when it arrived there
                    return page
                except NotReady as error:
                    if error.retry_after is None:
                        raise
                    self._slow = self._slow or error.retry_after > _PATIENT_SECONDS
                    await self._close(error.retry_after)

    async def _ready(self) -> None:
        """Wait; of what an earlier bridge was told this one knows how long it holds, and so how slow Slack is."""
        told = self.intake.closed_for(self._method) if self.intake is not None else 0.0
        self._not_before = max(self._not_before, time.monotonic() + told)
        self._slow = self._slow or told > _PATIENT_SECONDS
        if not self._slow:
            await self._pace.wait(self._method)
        await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
        if self._slow:
            await self._close(_SLOW_SECONDS)

    async def _close(self, seconds: float) -> None:
        self._not_before = time.monotonic() + seconds
        if self.intake is not None:
            await self.intake.close(self._method, seconds)


def _ts(moment: float | str) -> str:
    return moment if isinstance(moment, str) else f"{moment:.6f}"
