"""Emoji: what they are called on Slack, the workspace's own among them."""

import time

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from hub.relay.contract.errors import BridgeError
from hub.relay.markup.emoji import name_of, unicode_of

_FRESH_SECONDS = 600.0


class Emoji:
    """Knows the workspace's own emoji for a while after asking."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._own: frozenset[str] = frozenset()
        self._asked_at: float | None = None

    async def name_of(self, emoji: str) -> str | None:
        """Return Slack's name of an emoji of the hub, a character or `:name:`; None when Slack has no such."""
        custom = emoji.strip(":") if emoji.startswith(":") and emoji.endswith(":") and len(emoji) > 2 else None
        if custom is None:
            return name_of(emoji)
        return custom if unicode_of(custom) or custom in await self._names() else None

    def forget(self) -> None:
        """Ask again next time."""
        self._asked_at = None

    async def _names(self) -> frozenset[str]:
        if self._asked_at is None or time.monotonic() - self._asked_at > _FRESH_SECONDS:
            self._asked_at = time.monotonic()
            try:
                with translated():
                    answer = await self._client.emoji_list()
            except BridgeError:
                return self._own  # without the right to ask, there are none
            self._own = frozenset(answer["emoji"])
        return self._own
