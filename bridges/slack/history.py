"""History: what was written in a channel while the bridge did not listen."""

from collections.abc import AsyncIterator
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from bridges.slack.events import raw_message
from hub.relay.contract import LinkedChannel, RawEvent

_PAGE = 200
_OVERLAP_SECONDS = 600
_THREADS_SECONDS = 24 * 3600


class History:
    """Reads channels and threads, newest page first as Slack gives them."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def missed(self, channel: LinkedChannel) -> list[RawEvent]:
        """Return the channel's messages since a while before its watermark, oldest first.

        The overlap covers events that a lost connection swallowed between two that arrived. Replies are looked for in
        the threads of the day before.

        Raises:
            BridgeError: Slack cannot be read.
        """
        newest = float(channel.watermark) if channel.watermark else channel.linked_at / 1_000_000
        since = max(channel.linked_at / 1_000_000, newest - _OVERLAP_SECONDS)
        found: dict[str, dict[str, Any]] = {}
        async for message in self._messages(channel.remote_channel, since - _THREADS_SECONDS):
            found[message["ts"]] = message
            if float(message.get("latest_reply") or 0) > since:
                async for reply in self._replies(channel.remote_channel, message["ts"], since):
                    found.setdefault(reply["ts"], reply)
        recent = (found[stamp] for stamp in sorted(found) if float(stamp) > since)
        raw = (raw_message(channel.remote_channel, {"type": "message", **message}) for message in recent)
        return [event for event in raw if event is not None]

    async def find(self, channel: str, thread: str | None, since: str | None, token: str) -> str | None:
        """Return the ts of the message that carries the token in its metadata."""
        oldest = float(since) if since else 0.0
        pages = self._replies(channel, thread, oldest) if thread else self._messages(channel, oldest)
        async for message in pages:
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("token") == token:
                return str(message["ts"])
        return None

    async def _messages(self, channel: str, oldest: float) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            with translated():
                page = await self._client.conversations_history(
                    channel=channel, oldest=f"{oldest:.6f}", limit=_PAGE, cursor=cursor, include_all_metadata=True
                )
            for message in page["messages"]:
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def _replies(self, channel: str, root: str, oldest: float) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            with translated():
                page = await self._client.conversations_replies(
                    channel=channel,
                    ts=root,
                    oldest=f"{oldest:.6f}",
                    limit=_PAGE,
                    cursor=cursor,
                    include_all_metadata=True,
                )
            for message in page["messages"]:
                if message["ts"] != root:
                    yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
