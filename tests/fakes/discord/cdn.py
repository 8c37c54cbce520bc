"""The content network: attachments by signed address, and avatars."""

import base64

from aiohttp import web

from tests.fakes.faults import Kind

from .faults import Faults
from .files import Attachment
from .guild import Guild

GONE = "This content is no longer available."
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Cdn:
    """The HTTP surface outside the API."""

    def __init__(self, guild: Guild, faults: Faults) -> None:
        self._guild = guild
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/attachments/{channel}/{id}/{name}", self.attachment),
            web.get("/avatars/{user}/{name}", self.avatar),
            web.get("/embed/avatars/{name}", self.avatar),
        ]

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """The file, as long as its message is there and the address is not too old."""
        file = self._find(request.match_info["channel"], request.match_info["id"])
        until = int(request.query.get("ex", "0"), 16)
        if file is None or until < self._guild.settings.clock():
            return web.Response(status=404, text=GONE)
        if self._faults.take(Kind.HTML_FILE, file.filename):
            return web.Response(status=404, text="<html>no</html>", content_type="text/html")
        return web.Response(body=file.content, headers={"Content-Type": file.content_type})

    async def avatar(self, _request: web.Request) -> web.Response:
        """A one-pixel picture for everybody."""
        return web.Response(body=PIXEL, content_type="image/png")

    def _find(self, channel_id: str, file_id: str) -> Attachment | None:
        channel = self._guild.channels.get(channel_id)
        files = (file for message in (channel.messages.values() if channel else ()) for file in message.attachments)
        return next((file for file in files if file.id == file_id), None)
