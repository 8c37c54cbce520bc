"""A running fake, and a real discord.py client connected to it, for the tests of the fake itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord import BOT_TOKEN, FakeDiscord, Settings


class Bot(discord.Client):
    """A real client that keeps every dispatch it is given."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(
            intents=intents or default_intents(), max_messages=None, guild_ready_timeout=0.01, enable_debug_events=True
        )
        self.tree = discord.app_commands.CommandTree(self)
        self.ready = asyncio.Event()
        self.happened: list[tuple[str, Any]] = []
        self.task: asyncio.Task[None] | None = None

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.happened.append((event, args[0] if args else None))
        if event == "ready":
            self.ready.set()
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the library waits for five seconds before it does so again."""

    def of(self, event: str) -> list[Any]:
        """What came with each event of this name."""
        return [argument for name, argument in self.happened if name == event]

    async def begin(self, token: str = BOT_TOKEN) -> None:
        self.task = asyncio.create_task(self.start(token))
        ready = asyncio.create_task(self.ready.wait())
        await asyncio.wait({self.task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if self.task.done():
            ready.cancel()
            await self.task

    async def end(self) -> None:
        await self.close()
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(BaseException):
                await self.task


def default_intents() -> discord.Intents:
    intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)
    intents.message_content = True
    return intents


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
async def fake(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    """A running fake that discord.py finds where it looks for Discord."""
    async with FakeDiscord(settings) as fake:
        monkeypatch.setattr(Route, "BASE", fake.api_url)
        gateway = yarl.URL(fake.url.replace("http", "ws", 1)) / "gateway"
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield fake


@pytest.fixture
async def bot(fake: FakeDiscord) -> AsyncIterator[Bot]:
    bot = Bot()
    await bot.begin()
    yield bot
    await bot.end()
