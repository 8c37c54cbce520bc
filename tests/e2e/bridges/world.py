"""Three platforms in this process, and a hub in one of its own that ties them together.

The platforms keep their real rate limits, and count who breaks them; only the IRC network lets the hub say more.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import aiohttp

from tests.e2e.bridges.said import Shown, on_discord, on_irc, on_slack
from tests.e2e.callers import Caller, Line, enrol
from tests.e2e.database import Database
from tests.fakes.discord import BOT_TOKEN as DISCORD_TOKEN
from tests.fakes.discord import FakeDiscord
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.irc_network import Settings as IrcSettings
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.fakes.slack import Settings as SlackSettings
from tests.hub_process import UNLIMITED, HubProcess

PLATFORMS = ("slack", "discord", "irc")
HUB = "hub"
NETWORK = "irc"
SECONDS = 60.0
_STEP_SECONDS = 0.05

WAITING = (
    "SELECT (SELECT COUNT(*) FROM relay_inbox WHERE processed_at IS NULL)"
    " + (SELECT COUNT(*) FROM relay_outgoing WHERE state IN ('pending', 'sending'))"
)


class Link(NamedTuple):
    """A channel that is linked to one of the same name; `rules` are further lines of TOML."""

    channel: str
    platform: str
    rules: str = ""


class Stored(NamedTuple):
    """A message of the hub: where it was written, and how it reads."""

    origin: str
    shown: Shown


@dataclass
class World:
    """The platforms, the hub between them, and an agent on it."""

    slack: FakeSlack
    discord: FakeDiscord
    irc: FakeIrcNetwork
    hub: HubProcess
    config: Path
    database: Database
    agent: Caller = field(init=False)
    keys: int = 0

    def configure(self, links: Sequence[Link]) -> None:
        """Write the hub's settings, with these links."""
        text = hub_toml(self.slack, self.discord, self.irc) + "".join(map(link_toml, links))
        self.config.write_text(text, encoding="utf-8")

    async def start(self) -> None:
        """Start the hub, and wait until every bridge listens."""
        await self.begin()
        await self.connected()

    async def begin(self) -> None:
        """Start the hub, whatever its bridges do."""
        await asyncio.to_thread(self.hub.start, self.config)

    async def connected(self) -> None:
        """Wait until every bridge listens."""
        await self.until(lambda: len(self.slack.sockets.open) == 2 and self.discord.connected and self.irc.clients)

    async def kill(self) -> None:
        """End the hub as a power cut would."""
        await asyncio.to_thread(self.hub.kill)

    async def stop(self) -> None:
        """End the hub in good order."""
        assert await asyncio.to_thread(self.hub.stop) == 0, self.hub.log

    async def until(self, condition: Callable[[], object], seconds: float = SECONDS) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.hub.log[-5_000:]
            await asyncio.sleep(_STEP_SECONDS)

    # -- talking ---------------------------------------------------------------------------------

    async def say(self, origin: str, text: str, channel: str = "general") -> None:
        """Say something in one place; an agent's word is said again until the hub has taken it."""
        place = f"#{channel}"
        match origin:
            case "slack":
                await self.slack.person("alice").say(place, text)
            case "discord":
                await self.discord.person("bob").say(place, text)
            case "irc":
                self.irc.person("dora", "dora").say(place, text)
            case _:
                self.keys += 1
                body, key = {"channel": channel, "content": text}, f"{self.keys}"
                assert (await self.agent.insist("POST", "/api/v2/messages", body, Idempotency_Key=key)).status == 200

    # -- reading ---------------------------------------------------------------------------------

    def on_hub(self, channel: str = "general") -> list[Stored]:
        """Return what the hub has, in its order."""
        query = (
            "SELECT c.name, m.platform, COALESCE(m.author_display, m.author_name), m.content FROM messages m "
            "JOIN channels c ON c.id = m.channel_id ORDER BY m.seq"
        )
        rows = self.database.rows(query)
        return [Stored(origin, Shown(author, text)) for name, origin, author, text in rows if name == channel]

    def there(self, platform: str, channel: str = "general") -> list[Shown]:
        """Return what a platform shows, in its order."""
        place = f"#{channel}"
        match platform:
            case "slack":
                return on_slack(self.slack, place)
            case "discord":
                return on_discord(self.discord, place)
            case _:
                return on_irc(self.irc, place)

    def differences(self, count: int, channel: str, platforms: Sequence[str] = PLATFORMS) -> list[str]:
        """Return where a channel does not read as on the hub, or the hub has not `count` messages; none at rest.

        Each platform has its own messages in the order in which they were written there, and those of all others in the
        hub's order; no text is there twice.
        """
        stored = self.on_hub(channel)
        found = [] if len(stored) == count else [f"{channel}: the hub has {len(stored)} of {count}"]
        for platform in platforms:
            shown = self.there(platform, channel)
            mine = {it.shown for it in stored if it.origin == platform}
            for own in (True, False):
                wanted = [it.shown for it in stored if (it.origin == platform) is own]
                there = [it for it in shown if (it in mine) is own]
                if wanted != there:
                    lost, more = set(wanted) - set(there), len(there) - len(set(there))
                    found.append(
                        f"{channel} on {platform}, {'own' if own else 'others'}: {len(there)} of {len(wanted)}, "
                        f"{len(lost)} lost, {more} twice, {len(set(there) - set(wanted))} unknown"
                    )
        return found

    @property
    def busy(self) -> bool:
        """Whether the hub has something to send, or to make messages of."""
        [(waiting,)] = self.database.rows(WAITING)
        return bool(waiting)

    async def same(self, count: int, channel: str = "general", platforms: Sequence[str] = PLATFORMS) -> None:
        """Wait until a channel reads the same everywhere and stays so, and nobody was asked for too much."""
        await self.settled(lambda: self.busy or self.differences(count, channel, platforms))
        await asyncio.sleep(0.3)  # what would come twice, comes now
        found = self.differences(count, channel, platforms)
        assert not found, "\n".join([*found, self.hub.log[-5_000:]])
        assert self.broken_limits() == []

    async def settled(self, moving: Callable[[], object], seconds: float = SECONDS) -> None:
        """Wait until nothing moves any more, or it takes too long."""
        with suppress(AssertionError):
            await self.until(lambda: not moving(), seconds)

    def broken_limits(self) -> list[str]:
        """Return each time that a platform's rate limit was broken: which, where, and by how much."""
        flooded = [f"IRC: {self.irc.flood_violations} lines came too fast"] if self.irc.flood_violations else []
        return [*self.slack.limits.broken, *self.discord.limits.broken, *flooded]


@asynccontextmanager
async def world(
    folder: Path, links: Sequence[Link], slack: SlackSettings | None = None, page: int = 50
) -> AsyncIterator[World]:
    """Give a hub that runs, with these links; `page` is how many lines of history the IRC network gives at once."""
    network = IrcSettings(per_second=100.0, burst=40, page=page)
    async with (
        FakeSlack(slack or SlackSettings(retry_delays=(0.0, 1.0, 2.0))) as fake_slack,
        FakeDiscord() as discord,
        FakeIrcNetwork(network) as irc,
        aiohttp.ClientSession() as session,
    ):
        for channel in {link.channel for link in links} - {"general"}:
            fake_slack.create_channel(f"#{channel}")
            discord.create_channel(f"#{channel}")
        hub = HubProcess(folder, UNLIMITED | {"IRC__ENABLED": "false"})
        made = World(fake_slack, discord, irc, hub, folder / "hub.toml", Database(folder / "hub" / "hub.db"))
        made.configure(links)
        try:
            await made.start()
            line = Line(session, hub.url)
            made.agent = await (await enrol(hub, line)).register(line, "wren")
            yield made
        finally:
            await asyncio.to_thread(hub.stop)


def hub_toml(slack: FakeSlack, discord: FakeDiscord, irc: FakeIrcNetwork) -> str:
    """Return the settings that tell the hub where the platforms are."""
    return f"""
[slack]
bot_token = "{BOT_TOKEN}"
app_token = "{APP_TOKEN}"
api_url = "{slack.api_url}"

[discord]
token = "{DISCORD_TOKEN}"
api_url = "{discord.api_url}"

[[irc_networks]]
name = "{NETWORK}"
host = "127.0.0.1"
port = {irc.port}
tls = false
per_second = 90
burst = 30
"""


def link_toml(link: Link) -> str:
    """Return the settings that ask for a link."""
    return f"""
[[links]]
channel = "{link.channel}"
platform = "{link.platform}"
remote = "#{link.channel}"
{link.rules}
"""
