"""The API as an aiohttp application: routes from the table, and the documents made from it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from hub.api.absent import add_absent
from hub.api.cases import UseCases
from hub.api.docs import docs_body
from hub.api.endpoint import JSON, Bucket, Endpoint
from hub.api.endpoints import TABLE
from hub.api.envelope import json_response
from hub.api.errors import finish_headers, json_errors
from hub.api.limits import RateWindows
from hub.api.openapi import document
from hub.api.operation import Operation
from hub.api.page import html_page
from hub.api.site import Site

Made = TypeVar("Made")

PLAIN: web.AppKey[Mapping[tuple[str, str], Handler]] = web.AppKey("PLAIN", Mapping)
"""Where an application keeps the operations that a `Shortcut` may answer."""

_PAGES = ("/", "/healthz", "/readyz", "/openapi.json", "/docs")


def make_application(
    cases: UseCases, site: Site, rates: Mapping[Bucket, int], version: str, table: Sequence[Endpoint] = TABLE
) -> web.Application:
    """Return the application. `rates` are requests a minute of one principal, 0 meaning no limit."""
    windows = RateWindows(rates)
    routes: dict[str, dict[str, Handler]] = defaultdict(dict)
    for endpoint in table:
        routes[endpoint.path][endpoint.method] = Operation(endpoint, cases, windows, site).handle
    plain: Mapping[tuple[str, str], Handler] = {
        (each.method, each.path): routes[each.path][each.method]
        for each in table
        if each.media == JSON and "{" not in each.path
    }
    described = cache(lambda: document(table, title=site.name, version=version, url=site.public_url or "/"))
    page = cache(lambda: docs_body(described()))
    routes["/openapi.json"]["GET"] = _made(described, json_response)
    routes["/docs"]["GET"] = _made(page, lambda body: html_page(f"{site.name} API", body))
    # Bodies are bounded where they are read: each endpoint has a limit of its own.
    application = web.Application(middlewares=[json_errors], client_max_size=0)
    application.on_response_prepare.append(finish_headers)
    application[PLAIN] = plain
    for path, methods in routes.items():
        _add(application, path, methods)
    add_absent(application)
    return application


def _add(application: web.Application, path: str, methods: Mapping[str, Handler]) -> None:
    resource = application.router.add_resource(path)
    for method, handler in methods.items():
        resource.add_route(method, handler)
    head = ["HEAD"] if path in _PAGES else []
    if head:
        resource.add_route("HEAD", methods["GET"])
    allowed = ", ".join(sorted([*methods, *head, "OPTIONS"]))
    resource.add_route("OPTIONS", _always(lambda: web.Response(status=204, headers={"Allow": allowed})))


def _made(make: Callable[[], Made], answer: Callable[[Made], web.Response]) -> Handler:
    """Answer with what takes a tenth of a second to make: made for the first who asks, and beside the loop."""

    async def handle(_: web.Request) -> web.StreamResponse:
        return answer(await asyncio.to_thread(make))

    return handle


def _always(answer: Callable[[], web.Response]) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return answer()

    return handle
