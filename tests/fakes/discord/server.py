"""FakeDiscord: the guild, its HTTP and WebSocket server on loopback, and what tests ask of it."""

from collections import Counter
from collections.abc import Callable
from typing import Self, TypeVar

from aiohttp import web

from tests.waiting import SECONDS, found

from . import permissions
from .cdn import Cdn
from .channels import FORUM, TEXT, Channel
from .faults import Faults
from .gateway import Gateway
from .guild import Guild
from .interactions import Interactions
from .limits import Limits
from .messages import Message
from .people import Desk, Person
from .settings import Settings
from .timeline import Timeline
from .transcript import Line, read
from .web_api import PREFIX, Record, WebApi

BOT_TOKEN = "MTk4-fake"

T = TypeVar("T")


class FakeDiscord:
    """A guild with one application (``MTk4-fake``) and a channel #general.

    Used as ``async with FakeDiscord() as discord``; ``discord.api_url`` is where the API is.
    """

    def __init__(self, settings: Settings | None = None, *, port: int = 0) -> None:
        self.settings = settings or Settings()
        self.guild = Guild(self.settings)
        self.faults = Faults()
        self.limits = Limits(self.settings)
        self.timeline = Timeline(self.guild)
        self.gateway = Gateway(self.guild, self.faults)
        self.interactions = Interactions(self.guild, self.timeline, self.gateway)
        self.app = self.guild.install("airchat", BOT_TOKEN)
        self._api = WebApi(
            guild=self.guild,
            timeline=self.timeline,
            interactions=self.interactions,
            gateway=self.gateway,
            faults=self.faults,
            limits=self.limits,
            settings=self.settings,
            records=[],
        )
        self._cdn = Cdn(self.guild, self.faults)
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
        """Listen on a free loopback port (or the one given, or the one from before)."""
        site = web.Application(client_max_size=1 << 30)
        site.router.add_route("*", PREFIX + "/{path:.*}", self._api.handle)
        site.router.add_get("/gateway", self.gateway.serve)
        site.router.add_get("/gateway/", self.gateway.serve)
        site.router.add_routes(self._cdn.routes())
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.guild.site = self.url

    async def stop(self) -> None:
        """Close every connection; the guild stays readable."""
        self.gateway.close(1001)
        self.gateway.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where the fake listens, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """Where the REST API is, without a trailing slash."""
        return self.url + PREFIX

    # -- who and what is there ---------------------------------------------------------------

    def person(self, name: str) -> Person:
        """The person with this user name, added to the guild on first use."""
        user = self.guild.user_named(name) or self.guild.add_user(name)
        desk = Desk(guild=self.guild, timeline=self.timeline, interactions=self.interactions, gateway=self.gateway)
        return Person(desk, user)

    def create_channel(self, name: str, type: int = TEXT) -> Channel:
        """Create a channel."""
        return self.guild.add_channel(name, type)

    def create_forum(self, name: str) -> Channel:
        """Create a forum."""
        return self.guild.add_channel(name, FORUM)

    def deny(self, channel: str, *names: str) -> None:
        """Take permissions from the bot in one channel; without names, give them back."""
        place = self.guild.channel(channel)
        place.overwrites[self.app.bot.id] = (0, permissions.bits(names))
        self.guild.emit("CHANNEL_UPDATE", place.render(), place)

    def channel(self, name: str) -> Channel:
        """A channel by ``#name`` or id."""
        return self.guild.channel(name)

    def messages(self, channel: str) -> list[Message]:
        """Every message of a channel and its threads in order of time, Discord's notices among them."""
        return list(self.guild.all_messages(self.guild.channel(channel)))

    def find(self, channel: str, text: str) -> Message:
        """The newest message that shows this text; raises LookupError."""
        for message in reversed(self.messages(channel)):
            if message.content == text:
                return message
        raise LookupError(text)

    def transcript(self, channel: str, *, system: bool = False) -> list[Line]:
        """The channel as a person reads it, threads among the rest."""
        return read(self.guild, self.guild.channel(channel), system=system)

    def unfurl(self, message: Message, title: str) -> None:
        """Let Discord add a link preview: MESSAGE_UPDATE without a change of ``edited_timestamp``."""
        self.timeline.edit(message, {"embeds": [*message.embeds, {"type": "link", "title": title}]}, silent=True)

    # -- what has happened -------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether a client has a session with a connection."""
        return bool(self.gateway.ready)

    @property
    def violations(self) -> Counter[str]:
        """Calls over a rate limit, by bucket; an honest client leaves it equal to ``{}``."""
        return self.limits.violations

    def calls(self, call: str = "") -> list[Record]:
        """REST calls so far, those that begin like this or all."""
        return [record for record in self._api.records if record.call.startswith(call)]

    async def wait_for(self, condition: Callable[[], T], *, timeout: float = SECONDS, what: str = "") -> T:  # noqa: ASYNC109 - callers expect this word
        """Wait until the condition is true (or returns something truthy, which is returned).

        Raises AssertionError that shows the channels as they are when the time (seconds) is over.
        """
        told = f"not within {timeout} s: {what or condition}"
        return await found(condition, lambda: f"{told}\n{self._describe()}", timeout)

    def _describe(self) -> str:
        channels = [it for it in self.guild.channels.values() if not it.is_thread]
        return "\n".join(f"#{channel.name}: {read(self.guild, channel)}" for channel in channels)
