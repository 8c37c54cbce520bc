"""simcord, a Discord that nobody here wrote, in the place of the API and the gateway."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord
import simcord
from discord.http import Route

from bridges.discord.bridge import DiscordBridge
from bridges.discord.dispatches import Dispatches
from bridges.discord.errors import failure
from bridges.discord.interactions import Interactions
from bridges.discord.rest import Query
from hub.relay.contract.outbound import File
from tests.bridges.discord.people import Desk
from tests.contract.bridges.sides import Received

_MESSAGE_CONTENT = 1 << 18


class SimcordRest:
    """The bridge's calls, made to simcord; two answers that it does not know are given for it."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def get(self, path: str, **query: str | int) -> Any:
        if path == "/gateway/bot":
            return {"url": "ws://127.0.0.1:1/"}
        answer = await self._call("GET", path, None, query)
        if path == "/oauth2/applications/@me":
            answer |= {"flags": _MESSAGE_CONTENT}
        return answer

    async def send(
        self, method: str, path: str, body: Any = None, *, files: Sequence[File] = (), query: Query | None = None
    ) -> Any:
        return await self._call(method, path, body, query or {})

    async def download(self, url: str) -> AsyncIterator[bytes]:
        yield await self._client.http.get_from_cdn(url)

    async def _call(self, method: str, path: str, body: Any, query: Query) -> Any:
        try:
            return await self._client.http.request(Route(method, path), json=body, params=dict(query))
        except discord.HTTPException as error:
            told = {"code": error.code, "message": error.text}
            raise failure(error.status, {}, told, changing=method != "GET") from error


@dataclass
class Simulation:
    """A guild with a channel, a bridge to it that listens, and what came in."""

    env: simcord.Env
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    bridge: DiscordBridge
    received: Received
    desk: Desk
    _dispatches: Dispatches

    def person(self, name: str) -> simcord.MemberActor:
        return self.guild.add_member(self.env.create_user(name))

    async def stored(self) -> Received:
        """Store what came over the gateway until now."""
        waiting = self._dispatches._waiting
        while not waiting.empty():
            dispatch = waiting.get_nowait()
            assert not isinstance(dispatch, Exception)
            for event in await self._dispatches._read(dispatch):
                await self.received.accept(event)
        return self.received


@asynccontextmanager
async def simulation() -> AsyncIterator[Simulation]:
    """Run simcord with a client whose dispatches go to the bridge."""
    intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)
    intents.message_content = True
    client = discord.Client(intents=intents, max_messages=None)
    async with simcord.run(client) as env:
        guild = env.create_guild("Test")
        channel = guild.create_text_channel("general")
        bridge = DiscordBridge("token", rest=SimcordRest(client))
        await bridge.connect()
        received, desk = Received(), Desk()
        interactions = Interactions(
            bridge._rest, bridge._guild, bridge._users, bridge._texts, desk, platform=bridge.platform
        )
        assert bridge._account is not None
        interactions.application_id = bridge._account.application_id
        await interactions.register()
        dispatches = Dispatches(bridge._guild, bridge._events, received, interactions.take)
        parsers = client._connection.parsers
        for name, parse in list(parsers.items()):
            parsers[name] = partial(_both, dispatches, name, parse)
        yield Simulation(env, guild, channel, bridge, received, desk, dispatches)
        await interactions.close()


def _both(dispatches: Dispatches, name: str, parse: Any, body: Any) -> None:
    dispatches.take(name, body, f"simcord:{id(body)}:{name}")
    parse(body)
