"""The API in the composition: from the settings to an HTTP server that listens."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from hub.api.cases import UseCases
from hub.api.endpoint import Bucket
from hub.api.server import PLAIN, make_application
from hub.api.shortcut import Shortcut
from hub.api.site import Site
from hub.mcp import Mcp
from hub.settings import Settings

_IRC_PATH = "/irc"
_SLACK_PATH = "/api/slack"
METRICS_PATH = "/metrics"
_SHUTDOWN_SECONDS = 10.0

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Measure = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def running_http(
    settings: Settings,
    cases: UseCases,
    version: str,
    *,
    irc: Handler | None = None,
    mcp: Mcp | None = None,
    slack: Handler | None = None,
    metrics: Measure | None = None,
    url: Callable[[int], str],
) -> AsyncIterator[int]:
    """Serve the API as the settings say, and give its port.

    `irc` answers IRC clients that come by WebSocket, `mcp` agents, `slack` what Slack sends, `metrics` who measures;
    `url` tells for a port how the hub is reached.
    """
    site = Site(settings.hub.name, settings.hub.public_url, settings.http.trusted_proxies)
    limits = settings.limits
    rates = {Bucket.READ: limits.read, Bucket.WRITE: limits.write, Bucket.UPKEEP: limits.upkeep}
    application = make_application(cases, site, rates, version)
    application.on_shutdown.append(lambda _: cases.streams.close())
    if irc is not None:
        application.router.add_get(_IRC_PATH, irc, allow_head=False)
    if slack is not None:
        application.router.add_post(_SLACK_PATH, slack)
    if metrics is not None:
        application.router.add_get(METRICS_PATH, metrics)
    if mcp is not None:
        mcp.add_to(application)
    logging.getLogger("aiohttp.server").addFilter(_is_no_bad_request)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    if (server := runner.server) is not None:
        server.request_handler = Shortcut(application[PLAIN], server.request_handler)
    try:
        await web.TCPSite(runner, settings.http.host, settings.http.port, backlog=1024).start()
        port = int(runner.addresses[0][1])
        if mcp is not None and server is not None:
            mcp.serve(server, url(port))
        yield port
    finally:
        await runner.cleanup()


def _is_no_bad_request(record: logging.LogRecord) -> bool:
    """Tell whether the record reports anything but a stranger's malformed request, of which there is no end."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, BadHttpMessage | web.RequestPayloadError)
