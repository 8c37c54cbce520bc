"""Attachments: how they are told to the relay, and how they are fetched when their address is too old."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from bridges.discord.errors import Refusal
from bridges.discord.rest import Rest
from hub.relay.contract.errors import Refused
from hub.relay.contract.inbound import File

Body = dict[str, Any]

_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})


def described(attachment: Body, message: Body) -> File:
    """Return what is known of an attachment; its source says where it is, and where to ask again."""
    source = [attachment["url"], message["channel_id"], message["id"], attachment["id"]]
    return File(
        name=str(attachment["filename"]),
        content_type=attachment.get("content_type"),
        size=attachment.get("size"),
        source=json.dumps(source),
    )


class Files:
    """Fetches attachments. Besides Discord's own hosts only `host` is gone to: an address is data."""

    def __init__(self, rest: Rest, host: str) -> None:
        self._rest = rest
        self._hosts = _HOSTS | {host}

    async def download(self, file: File) -> AsyncIterator[bytes]:
        """Yield the bytes of an attachment.

        Raises:
            BridgeError: NotReady, or Refused when it is not there any more.
        """
        url, channel_id, message_id, attachment_id = json.loads(file.source)
        began = False
        try:
            async for chunk in self._rest.download(self._trusted(url)):
                began = True
                yield chunk
        except Refusal:
            if began:
                raise
        else:
            return
        async for chunk in self._rest.download(await self._fresh(channel_id, message_id, attachment_id)):
            yield chunk

    async def _fresh(self, channel_id: str, message_id: str, attachment_id: str) -> str:
        """Return the present address of an attachment: they are good for a day."""
        message = await self._rest.get(f"/channels/{channel_id}/messages/{message_id}")
        snapshots = [it.get("message") or {} for it in message.get("message_snapshots") or []]
        for part in (message, *snapshots):
            for attachment in part.get("attachments") or []:
                if attachment["id"] == attachment_id:
                    return self._trusted(attachment["url"])
        raise Refused("the file was taken away from its message")

    def _trusted(self, url: str) -> str:
        if urlsplit(url).netloc not in self._hosts:
            raise Refused("the file is not at an address of Discord's")
        return url
