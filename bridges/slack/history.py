"""History: what was written in a channel while the bridge did not listen, and what of it is ours."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from airchat.protocol.timestamps import SECOND
from bridges.slack.errors import translated
from bridges.slack.events import raw_message
from bridges.slack.pace import Pace
from hub.relay.contract.bridge import Intake, LinkedChannel
from hub.relay.contract.errors import NotReady, Refused

_PAGE = 200
_PER_SECOND = 0.7
_BURST = 10
_OVERLAP_SECONDS = 600
_THREADS_SECONDS = 24 * 3600
_CLOCKS_DIFFER_SECONDS = 600
"""By how much Slack's clock may differ from the hub's."""


class History:
    """Reads channels and threads, a page at a time, as fast as Slack lets it; what is asked to wait, waits."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._pace = Pace(time.monotonic, _PER_SECOND, _BURST)

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Accept the channel's messages since a while before its watermark, in the order of Slack's pages.

        The overlap covers events that a lost connection swallowed between two that arrived. Replies are looked for in
        the threads of the day before.

        Raises:
            BridgeError: Slack cannot be read.
        """
        linked = channel.linked_at / SECOND
        since = max(linked, float(channel.watermark) - _OVERLAP_SECONDS) if channel.watermark else linked
        place = channel.remote_channel
        async for message in self._messages(place, since - _THREADS_SECONDS):
            await _accept(place, message, since, intake)
            if float(message.get("latest_reply") or 0) > since:
                async for reply in self._replies(place, message["ts"], since):
                    await _accept(place, reply, since, intake)

    async def find(self, channel: str, thread: str | None, since: float, token: str) -> str | None:
        """Return the ts of the message that carries the token in its metadata; one without its thread counts too."""
        if thread is not None:
            try:
                found = await _with_token(self._replies(channel, thread, since), token)
            except Refused:
                found = None  # the thread is gone
            if found is not None:
                return found
        return await _with_token(self._messages(channel, since), token)

    async def _messages(self, channel: str, oldest: float) -> AsyncIterator[dict[str, Any]]:
        async def page(cursor: str) -> AsyncSlackResponse:
            return await self._client.conversations_history(
                channel=channel, oldest=f"{oldest:.6f}", limit=_PAGE, cursor=cursor, include_all_metadata=True
            )

        async for message in self._pages("history", page):
            yield message

    async def _replies(self, channel: str, root: str, oldest: float) -> AsyncIterator[dict[str, Any]]:
        async def page(cursor: str) -> AsyncSlackResponse:
            return await self._client.conversations_replies(
                channel=channel,
                ts=root,
                oldest=f"{oldest:.6f}",
                limit=_PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )

        async for message in self._pages("replies", page):
            if message["ts"] != root:
                yield message

    async def _pages(
        self, method: str, ask: Callable[[str], Awaitable[AsyncSlackResponse]]
    ) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = await self._patiently(method, lambda cursor=cursor: ask(cursor))  # type: ignore[misc]
            for message in page["messages"]:
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def _patiently(self, method: str, ask: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        """Ask again when Slack said so: pages read already are not read once more for it."""
        async with self._turn:
            while True:
                await self._pace.wait(method)
                try:
                    with translated():
                        return await ask()
                except NotReady as error:
                    if error.retry_after is None:
                        raise
                    await asyncio.sleep(error.retry_after)


def oldest_possible(written_at: int, sent_after: str | None) -> float:
    """Return from when on (seconds) something can be that was written on the hub then, and sent after that ts."""
    earliest = written_at / SECOND - _CLOCKS_DIFFER_SECONDS
    return max(earliest, float(sent_after)) if sent_after else earliest


async def _accept(channel: str, message: dict[str, Any], since: float, intake: Intake) -> None:
    raw = raw_message(channel, {"type": "message", **message})
    if raw is not None and float(raw.order_key) > since:
        await intake.accept(raw)


async def _with_token(messages: AsyncIterator[dict[str, Any]], token: str) -> str | None:
    async for message in messages:
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if payload.get("token") == token:
            return str(message["ts"])
    return None
