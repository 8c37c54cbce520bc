"""Files: their bytes from Slack and to it.

https://docs.slack.dev/messaging/working-with-files
"""

import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from bridges.slack.pace import Pace
from hub.relay.contract import inbound, outbound
from hub.relay.contract.errors import NotReady, Refused

_CHUNK = 64 * 1024
_CONNECT_SECONDS = 15.0
_SILENT_SECONDS = 60.0
_HTML = "text/html"
_SLACK = ".slack.com"
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENT_SECONDS)


class Downloads:
    """Fetches private files with the app's token, from Slack alone."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._token = client.token
        self._host = urlsplit(client.base_url).netloc

    async def read(self, file: inbound.File) -> AsyncIterator[bytes]:
        """Yield a file's bytes.

        Raises:
            Refused: it is not at Slack, it is gone, or Slack shows its login page instead.
            NotReady: Slack cannot give it now.
        """
        if not self._is_slack(file.source):
            raise Refused(f"{file.name} is not kept by Slack")
        headers = {"Authorization": f"Bearer {self._token}"}
        with translated():
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(file.source, headers=headers, allow_redirects=False) as answer,
            ):
                _check(file, answer)
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    yield chunk

    def _is_slack(self, url: str) -> bool:
        """Tell whether the token may be shown there."""
        parts = urlsplit(url)
        if parts.netloc == self._host:
            return True
        return parts.scheme == "https" and (parts.hostname or "").endswith(_SLACK)


class Uploads:
    """Uploads files in the steps that Slack wants: an address, the bytes, then (elsewhere) sharing them.

    A message can have many, each with an address of its own, of which Slack gives a hundred a minute.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._pace = Pace(time.monotonic, 1.4, 15)

    async def upload(self, file: outbound.File) -> str:
        """Upload a file, which nobody sees yet, and return its id; doing it again does no harm.

        Raises:
            BridgeError: NotReady or Refused.
        """
        if not file.size:
            raise Refused(f"{file.name} is empty, and Slack takes no empty files")
        await self._pace.wait("address")
        with translated():
            place = await self._client.files_getUploadURLExternal(filename=file.name, length=file.size)
            await _send(file, str(place["upload_url"]))
        return str(place["file_id"])

    async def shared(self, file_id: str, channel: str) -> str | None:
        """Return the ts of the message by which a file was shared in a channel; None when Slack does not know yet."""
        with translated(sending=True):
            answer = await self._client.files_info(file=file_id)
        shares = answer["file"].get("shares") or {}
        found = [it for kind in ("public", "private") for it in (shares.get(kind) or {}).get(channel) or ()]
        return str(found[0]["ts"]) if found else None


async def _send(file: outbound.File, url: str) -> None:
    headers = {"Content-Length": str(file.size), "Content-Type": "application/octet-stream"}
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
        session.post(url, data=_ended(file.read()), headers=headers) as answer,
    ):
        if answer.status != 200:
            raise NotReady(f"Slack did not take the bytes of {file.name}: {answer.status}")


async def _ended(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the source's chunks, the last one when the source has ended: with it sent, aiohttp asks for no more."""
    last = b""
    async for chunk in source:
        if last:
            yield last
        last = chunk
    yield last


def _check(file: inbound.File, answer: aiohttp.ClientResponse) -> None:
    """Do nothing when the answer can be the file.

    Without the right to read it Slack answers 200 and a page to log in.
    """
    if answer.status >= 500 or answer.status == 429:
        raise NotReady(f"Slack does not give {file.name} now: {answer.status}")
    if answer.status != 200:
        raise Refused(f"Slack does not give {file.name}: {answer.status}")
    declared = (file.content_type or "").partition(";")[0].strip().lower()
    if answer.content_type == _HTML and declared != _HTML:
        raise Refused(f"Slack shows its login page instead of {file.name}: the app may lack the scope files:read")
