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
        self._histories = _Asking("history")
        self._replies = _Asking("replies")

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


class _Asking:
    """Asks for pages of one kind. Slack may hold an app to one of them a minute, which is found out on the way."""

    def __init__(self, method: str) -> None:
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
                self._slow, self._not_before = True, time.monotonic() + _SLOW_SECONDS
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
                        return await ask(cursor)
                except NotReady as error:
                    if error.retry_after is None:
                        raise
                    self._slow = self._slow or error.retry_after > _PATIENT_SECONDS
                    self._not_before = time.monotonic() + error.retry_after

    async def _ready(self) -> None:
        if not self._slow:
            await self._pace.wait(self._method)
        await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
        if self._slow:
            self._not_before = time.monotonic() + _SLOW_SECONDS


def _ts(moment: float | str) -> str:
    return moment if isinstance(moment, str) else f"{moment:.6f}"
