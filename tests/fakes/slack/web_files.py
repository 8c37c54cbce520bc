"""Uploads, private downloads, avatars, and the response URLs of interactions."""

import base64

from aiohttp import web

from tests.fakes.faults import Kind

from .errors import SlackError
from .faults import Faults
from .files import File
from .interactions import Interactions
from .web_api import WebApi, bearer
from .workspace import Workspace

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Slack</body></html>"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class WebFiles:
    """The HTTP surface outside ``/api``."""

    def __init__(self, workspace: Workspace, api: WebApi, faults: Faults, interactions: Interactions) -> None:
        self._workspace = workspace
        self._api = api
        self._faults = faults
        self._interactions = interactions

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.post("/upload/v1/{ticket}", self.upload),
            web.get("/files-pri/{address}/{name}", self.download),
            web.get("/files-pri/{address}/download/{name}", self.download),
            web.get("/avatars/{name}", self.avatar),
            web.post("/response/{key}", self.respond),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file, as the body or as the only part of a form."""
        file = self._workspace.files.get(request.match_info["ticket"].partition("-")[0])
        if file is None or file.content is not None:
            return web.Response(status=404, text="not found")
        if fault := self._faults.take(Kind.FAIL_BEFORE, "upload"):
            return web.Response(status=fault.status, text="upload failed")
        file.content = await _body(request)
        return web.Response(text=f"OK - {len(file.content)}")

    async def download(self, request: web.Request) -> web.Response:
        """The file; to a stranger, or without ``files:read``, the login page with status **200**."""
        file = self._workspace.files.get(request.match_info["address"].partition("-")[2])
        if file is None or file.deleted or file.content is None:
            return web.Response(status=404, text=LOGIN_PAGE, content_type="text/html")
        if not self._may_read(request) or self._faults.take(Kind.HTML_FILE, file.name):
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        return _content(file)

    async def avatar(self, _request: web.Request) -> web.Response:
        """A one-pixel picture for everybody."""
        return web.Response(body=PIXEL, content_type="image/png")

    async def respond(self, request: web.Request) -> web.Response:
        """An app's answer at a response URL."""
        try:
            self._interactions.respond(request.match_info["key"], await request.json())
        except SlackError as error:
            return web.Response(status=404, text=error.code)
        return web.Response(text="ok")

    def _may_read(self, request: web.Request) -> bool:
        app = self._api.app_of(bearer(request))
        return app is not None and not app.revoked and "files:read" in app.scopes


async def _body(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for part in (await request.post()).values():
        if isinstance(part, web.FileField):
            return part.file.read()
        if isinstance(part, bytes):
            return part
    return b""


def _content(file: File) -> web.Response:
    return web.Response(body=file.content, content_type=file.mimetype)
