"""The MCP server as streamable HTTP, for many agents at once: each is known by the key it presents.

It reaches the hub by the transport it is given and holds nothing that an agent would miss after a restart.
"""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.request_state import RequestStateSecurity
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.types import ASGIApp

from airchat import AirChatAuthError, AirChatConfig, AsyncAirChatClient
from airchat.async_transport import AsyncTransport
from mcp_server.desk import Desk
from mcp_server.server import AgentServer, agent_server

PATH = "/mcp"
BODY_BYTES = 16 * 1024 * 1024
"""Size of a request: a file of 10 MB in base64, and some."""
SESSIONS = 2_000
DESKS = 2_000
PATIENCE = 5.0
SOMEBODY = "the agent whose key was presented (airchat_help tells its name)"

Verify = Callable[[str], Awaitable[str | None]]
"""Returns who is known by a key, or None."""


def agent_app(url: str, transport: AsyncTransport, verify: Verify, seal: bytes) -> AbstractAsyncContextManager[ASGIApp]:
    """Return what runs the application that serves agents at `url` + `PATH`; `verify` tells who is known by a key.

    A client that puts a question to its person keeps our state meanwhile, sealed with `seal`: its answer may come to
    another hub of the same, or after a restart.

    This takes its time, and reads files; what it returns is entered in the event loop that serves.
    """
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(url),
        resource_server_url=AnyHttpUrl(f"{url}{PATH}"),
        validate_token_resource=False,  # keys are of this hub, and for nothing else
    )
    server = agent_server(
        Desks(url, transport),
        SOMEBODY,
        local=False,
        token_verifier=Keys(verify),
        auth=auth,
        request_state_security=RequestStateSecurity(keys=[seal]),
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=BODY_BYTES,
        max_sessions=SESSIONS,
        # The hub has checked from where it is asked.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return _running(server, app)


@asynccontextmanager
async def _running(server: AgentServer, app: ASGIApp) -> AsyncIterator[ASGIApp]:
    async with server.session_manager.run():
        yield app


class Keys:
    """Who presents a key: what the MCP library asks for each request."""

    def __init__(self, verify: Verify) -> None:
        self._verify = verify

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose key it is."""
        name = await self._verify(token)
        return None if name is None else AccessToken(token=token, client_id=name, scopes=[], subject=name)


class Desks:
    """The desks of agents, each found by its key; those unused longest are cleared when there are too many."""

    def __init__(self, url: str, transport: AsyncTransport) -> None:
        self._url = url
        self._transport = transport
        self._desks: OrderedDict[str, Desk] = OrderedDict()

    def __call__(self) -> Desk:
        """Return the desk of whoever is calling.

        Raises:
            AirChatAuthError: nobody is.
        """
        access = get_access_token()
        if access is None:
            raise AirChatAuthError("401: Missing key")
        name = hashlib.sha256(access.token.encode()).hexdigest()
        desk = self._desks.get(name)
        if desk is None:
            config = AirChatConfig(self._url, "", "", token=access.token)
            desk = Desk(AsyncAirChatClient(config, transport=self._transport, patience=PATIENCE))
            self._desks[name] = desk
        self._desks.move_to_end(name)
        if len(self._desks) > DESKS:
            self._desks.popitem(last=False)
        return desk
