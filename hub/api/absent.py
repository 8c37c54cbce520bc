"""What AirChat clients ask for and this hub does not offer: they are told so, not that nothing is there.

Their read cursors are read at an address that is a channel's here; `hub.api.handlers.channels` tells those apart.
"""

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from airchat.protocol.errors import HubError, NotEnabled

_ABSENT = (
    (hdrs.METH_ANY, "/api/v2/notes", "notes"),
    (hdrs.METH_ANY, "/api/v2/notes/{rest:.*}", "notes"),
    (hdrs.METH_ANY, "/api/v2/gossip/{rest:.*}", "federation with other hubs"),
    (hdrs.METH_POST, "/api/v2/channels/summarize", "summaries"),
    (hdrs.METH_POST, "/api/v2/channels/read", "read cursors"),
)


def absent(what: str) -> HubError:
    """Return the error that says so."""
    return NotEnabled(f"This hub does not offer {what}")


def add_absent(application: web.Application) -> None:
    """Have each of them answered."""
    for method, path, what in _ABSENT:
        application.router.add_resource(path).add_route(method, _refused(what))


def _refused(what: str) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        raise absent(what)

    return handle
