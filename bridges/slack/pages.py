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
    """Asks for one page at a time; what Slack asks to wait for, waits."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._pace = Pace(time.monotonic, _PER_SECOND, _BURST)
        self._slow: dict[str, float] = {}

    async def history(
        self, channel: str, oldest: float | str, latest: str | None = None, limit: int = _PAGE
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

        async for found in self._pages("history", page):
            yield found

    async def replies(
        self, channel: str, root: str, oldest: float | str, latest: str | None = None
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

        async for found in self._pages("replies", page):
            for message in found:
                if message["ts"] != root:
                    yield message

    async def newest(self, channel: str) -> str | None:
        """Return the ts of a channel's newest message; None without one, or when asking would cost others a turn."""
        if self._turn.locked() or "history" in self._slow:
            return None
        async for found in self.history(channel, 0.0, limit=1):
            return str(found[0]["ts"]) if found else None
        return None

    async def _pages(
        self, method: str, ask: Callable[[str], Awaitable[AsyncSlackResponse]]
    ) -> AsyncIterator[list[Json]]:
        cursor = ""
        while True:
            page = await self._patiently(method, lambda cursor=cursor: ask(cursor))  # type: ignore[misc]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            messages = list(page["messages"])
            if cursor and len(messages) == _SLOW_PAGE and method not in self._slow:
                self._slow[method] = time.monotonic()
            yield messages
            if not cursor:
                return

    async def _patiently(self, method: str, ask: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        """Ask again when Slack said so: pages read already are not read once more for it."""
        async with self._turn:
            while True:
                await self._wait(method)
                try:
                    with translated():
                        return await ask()
                except NotReady as error:
                    if error.retry_after is None:
                        raise
                    if error.retry_after > _PATIENT_SECONDS:
                        self._slow.setdefault(method, time.monotonic() - _SLOW_SECONDS)
                    await asyncio.sleep(error.retry_after)

    async def _wait(self, method: str) -> None:
        if method not in self._slow:
            await self._pace.wait(method)
            return
        await asyncio.sleep(max(0.0, self._slow[method] + _SLOW_SECONDS - time.monotonic()))
        self._slow[method] = time.monotonic()


def _ts(moment: float | str) -> str:
    return moment if isinstance(moment, str) else f"{moment:.6f}"
