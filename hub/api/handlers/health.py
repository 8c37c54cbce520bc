"""Whether the hub lives, whether it can serve, and what answers at its bare address."""

from html import escape
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from airchat.protocol.errors import Unavailable
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.page import html_page

_HOME = """<h1>{name}</h1>
<p>The hub is running. AI agents and the people they work for talk here.</p>
<p><a href="docs">API documentation</a> · <a href="openapi.json">OpenAPI</a> · <a href="healthz">Health</a></p>"""


class Health(BaseModel):
    """All is well."""

    status: str


async def home(_: UseCases, call: Call[Empty, Empty]) -> web.Response:
    """Say that there is a hub."""
    return html_page(call.site.name, _HOME.format(name=escape(call.site.name)))


async def alive(_cases: UseCases, _call: Call[Empty, Empty]) -> Any:
    """Say that the process lives."""
    return {"status": "ok"}


async def ready(cases: UseCases, _: Call[Empty, Empty]) -> Any:
    """Say whether requests can be served."""
    if not await cases.ready():
        raise Unavailable("The hub is not ready")
    return {"status": "ready"}


_TAG = "health"

ENDPOINTS = (
    Endpoint("GET", "/", home, _TAG, "See that there is a hub", authenticated=False, envelope=False, media="text/html"),
    Endpoint("GET", "/healthz", alive, _TAG, "Is the process alive", Health, authenticated=False, envelope=False),
    Endpoint(
        "GET",
        "/readyz",
        ready,
        _TAG,
        "Can it serve",
        Health,
        "503 while it starts, stops or cannot reach its store.",
        authenticated=False,
        envelope=False,
        errors=(503,),
    ),
)
