"""FakeSlack: the workspace, its HTTP and WebSocket server on loopback, and what tests ask of it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Self, TypeVar

from aiohttp import web

from tests.waiting import SECONDS, found

from .apps import App
from .channels import Channel, Kind
from .courier import Courier
from .deliveries import Delivery
from .faults import Faults
from .interactions import Ephemeral, Interactions, Status
from .limits import Limits
from .membership import Membership
from .messages import Message
from .people import Desk, Person
from .settings import Settings
from .sockets import Sockets
from .timeline import Timeline
from .transcript import Line, read
from .web_api import Record, WebApi
from .web_files import WebFiles
from .workspace import Workspace

BOT_TOKEN = "xoxb-fake"
APP_TOKEN = "xapp-fake"

T = TypeVar("T")


class FakeSlack:
    """A Slack workspace with one app (``xoxb-fake``, ``xapp-fake``) that is a member of #general.

    Used as ``async with FakeSlack() as slack``; ``slack.api_url`` is the clients' ``base_url``.
    """

    def __init__(self, settings: Settings | None = None, *, port: int = 0) -> None:
        self.settings = settings or Settings()
        self.workspace = Workspace(self.settings)
        self.faults = Faults()
        self.limits = Limits(self.settings)
        self.timeline = Timeline(self.workspace)
        self.interactions = Interactions(self.workspace, self.timeline, self.settings.clock)
        self.courier = Courier(self.workspace, self.faults, self.settings)
        self.app = self.install("airchat", BOT_TOKEN, APP_TOKEN)
        self._membership = Membership(self.workspace, self.timeline)
        self._api = WebApi(
            workspace=self.workspace,
            timeline=self.timeline,
            membership=self._membership,
            interactions=self.interactions,
            courier=self.courier,
            faults=self.faults,
            limits=self.limits,
            settings=self.settings,
            records=[],
        )
        self._files = WebFiles(self.workspace, self._api, self.faults, self.interactions)
        self._port = port
        self._runner: web.AppRunner | None = None
        self.create_channel("#general")

    # -- running -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a free loopback port (or the one given)."""
        site = web.Application(client_max_size=1 << 30)
        site.router.add_route("*", "/api/{method}", self._api.handle)
        site.router.add_get("/link/", self._link)
        site.router.add_routes(self._files.routes())
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.workspace.site = self.url

    async def stop(self) -> None:
        """Close every connection and give up pending deliveries; the workspace stays readable."""
        await self.courier.stop()
        for sockets in self.courier.pools.values():
            await asyncio.gather(*(socket.close() for socket in list(sockets.open)))
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where the fake listens, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """``base_url`` for ``AsyncWebClient``."""
        return f"{self.url}/api/"

    # -- who and what is there ---------------------------------------------------------------

    def install(self, name: str, bot_token: str, app_token: str) -> App:
        """Install a further app; invite its bot to channels with ``Person.invite``."""
        return self.workspace.install(name, bot_token, app_token)

    def person(self, name: str) -> Person:
        """The person with this handle, added to the workspace on first use."""
        user = self.workspace.user_named(name) or self.workspace.add_user(name)
        desk = Desk(
            workspace=self.workspace,
            timeline=self.timeline,
            membership=self._membership,
            interactions=self.interactions,
            courier=self.courier,
        )
        return Person(desk, user)

    def create_channel(self, name: str, kind: Kind = "channel", *, with_app: bool = True) -> Channel:
        """Create a channel, with the first app's bot as a member unless told otherwise."""
        return self.workspace.add_channel(name, kind, (self.app.user.id,) if with_app else ())

    def channel(self, name: str) -> Channel:
        """A channel by ``#name`` or id."""
        return self.workspace.channel(name)

    def messages(self, channel: str) -> list[Message]:
        """Every message of a channel in order of time: reactions, files, edits and metadata are on it."""
        return list(self.workspace.channel(channel).messages.values())

    def find(self, channel: str, text: str) -> Message:
        """The newest message that shows this text; raises LookupError."""
        for message in reversed(self.messages(channel)):
            if message.shown == text:
                return message
        raise LookupError(text)

    def transcript(self, channel: str, *, system: bool = False) -> list[Line]:
        """The channel as a person reads it: ``(author shown, text, text of the thread root or None)``."""
        return read(self.workspace, self.workspace.channel(channel), system=system)

    def unfurl(self, message: Message, title: str) -> None:
        """Let Slack add a link preview: ``message_changed`` without ``edited``."""
        self.timeline.edit(message, {"attachments": [*message.attachments, {"title": title}]}, "")

    # -- what has happened -------------------------------------------------------------------

    @property
    def sockets(self) -> Sockets:
        """The connections of the first app: ``cut()``, ``disconnect(reason)``, ``mute()``, ``open``."""
        return self.courier.sockets(self.app)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every envelope with its attempts and acks, in order."""
        return self.courier.deliveries

    @property
    def ephemerals(self) -> list[Ephemeral]:
        """What single persons were shown."""
        return self.interactions.ephemerals

    @property
    def statuses(self) -> list[Status]:
        """What threads were made to show while somebody was at work."""
        return self.interactions.statuses

    def call_by_http(self, url: str, signing_secret: str) -> None:
        """Send everything to this address from now on, signed, instead of over sockets."""
        self.app.request_url, self.app.signing_secret = url, signing_secret

    @property
    def violations(self) -> Counter[str]:
        """Calls over a rate limit, by method; an honest client leaves it equal to ``{}``."""
        return self.limits.violations

    def calls(self, method: str = "") -> list[Record]:
        """Web API calls so far, of one method or of all."""
        return [record for record in self._api.records if method in {"", record.method}]

    async def wait_for(self, condition: Callable[[], T], *, timeout: float = SECONDS, what: str = "") -> T:  # noqa: ASYNC109 - callers expect this word
        """Wait until the condition is true (or returns something truthy, which is returned).

        Raises AssertionError that shows the channels as they are when the time (seconds) is over.
        """
        told = f"not within {timeout} s: {what or condition}"
        return await found(condition, lambda: f"{told}\n{self._describe()}", timeout)

    async def settled(self, *, timeout: float = SECONDS) -> None:  # noqa: ASYNC109 - same
        """Wait until every event is acknowledged or given up, and no message is held back."""
        await self.wait_for(lambda: not self.courier.pending(), timeout=timeout, what="deliveries to settle")

    def _describe(self) -> str:
        shown = [f"#{channel.name}: {read(self.workspace, channel)}" for channel in self.workspace.channels.values()]
        pending = [f"pending {d.subscription}: {len(d.attempts)} attempts" for d in self.courier.pending()]
        return "\n".join(shown + pending)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        for app in self.workspace.apps.values():
            sockets = self.courier.sockets(app)
            if sockets.redeem(request.query.get("ticket", "")):
                return await sockets.serve(request, self.courier.receive)
        return web.Response(status=403, text="invalid ticket")
