"""Channels of a Slack workspace, by the names people use."""

import re
import time
from collections.abc import AsyncIterator
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from bridges.slack.pace import Pace
from hub.relay.contract.bridge import RemoteChannel
from hub.relay.contract.errors import ConfigError

_ID = re.compile(r"[CG][A-Z0-9]{6,}")
_PAGE = 200
_KEPT_SECONDS = 60.0
"""How long names are known. Slack tells them all at once, twenty times a minute at most."""
_UNKNOWN_SECONDS = 2.0
"""How long a name that is not among them is known not to be."""


class Channels:
    """Finds channels, and joins those that anybody may join."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._listed: dict[str, dict[str, Any]] = {}
        self._listed_at = float("-inf")
        self._pages = Pace(time.monotonic, 0.2, 6, full=True)
        self._single = Pace(time.monotonic, 0.6, 15, full=True)
        self._joins = Pace(time.monotonic, 0.6, 30, full=True)  # each channel is joined once

    async def resolve(self, remote: str) -> RemoteChannel:
        """Return the channel that `#name`, a bare name, or an id means, as a member of it.

        Raises:
            ConfigError: there is no such channel that the app can see.
            BridgeError: Slack cannot be asked.
        """
        channel = await self._find(remote)
        if not channel.get("is_member") and not channel.get("is_private"):
            await self._joins.wait("join")
            with translated():
                await self._client.conversations_join(channel=channel["id"])
        return _remote(channel)

    async def look(self, remote: str) -> tuple[RemoteChannel, bool]:
        """Return the channel, and whether the app is in it, without joining it. Errors as in `resolve`."""
        channel = await self._find(remote)
        return _remote(channel), bool(channel.get("is_member"))

    async def list(self) -> list[RemoteChannel]:
        """Return every channel that the app can see."""
        await self._list()
        return [_remote(channel) for channel in self._listed.values()]

    def forget(self) -> None:
        """Ask anew what channels are called, and who may join them: that of one has changed."""
        self._listed_at = float("-inf")

    async def _find(self, remote: str) -> dict[str, Any]:
        channel = await self._info(remote) if _ID.fullmatch(remote) else await self._named(remote.removeprefix("#"))
        if channel is None:
            raise ConfigError(f"Slack has no channel {remote} that this app can see; private ones are never linked")
        return channel

    async def _info(self, channel_id: str) -> dict[str, Any]:
        await self._single.wait("info")
        with translated():
            answer = await self._client.conversations_info(channel=channel_id)
        return dict(answer["channel"])

    async def _named(self, name: str) -> dict[str, Any] | None:
        kept = _KEPT_SECONDS if name in self._listed else _UNKNOWN_SECONDS
        if time.monotonic() - self._listed_at >= kept:
            await self._list()
        return self._listed.get(name)

    async def _list(self) -> None:
        self._listed = {str(channel.get("name")): channel async for channel in self._all()}
        self._listed_at = time.monotonic()

    async def _all(self) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            await self._pages.wait("list")
            with translated():
                page = await self._client.conversations_list(
                    types="public_channel,private_channel", exclude_archived=True, limit=_PAGE, cursor=cursor
                )
            for channel in page["channels"]:
                yield channel
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _remote(channel: dict[str, Any]) -> RemoteChannel:
    return RemoteChannel(str(channel["id"]), f"#{channel.get('name', channel['id'])}", bool(channel.get("is_private")))
