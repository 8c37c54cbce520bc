"""The gateway, by discord.py: it connects, beats, resumes and says what comes. One client for each start.

discord.py ends for good at a first connection that is refused, and at anything it does not expect; then the relay
starts a fresh bridge. Dispatches are taken from its frames as they come, and are never read by discord.py itself.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError, NotReady
from hub.relay.waits import apart

_CLOSING_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_BAD_TOKEN = 4004
_INTENTS_REFUSED = frozenset({4013, 4014})
INTENTS_WANTED = (
    "the Discord application lacks the Message Content intent: switch it on in the developer portal, under Bot"
)

_log = logging.getLogger(__name__)

# it would say that it cannot speak, which nobody asks of it
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

Take = Callable[[str, dict[str, Any], str], None]
"""Takes a dispatch: its name, its body, and what names it apart from all others."""


class Gateway(discord.Client):
    """A connection to the gateway; `seen` is called for every frame, `take` for every dispatch."""

    def __init__(self, take: Take, seen: Callable[[], None]) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True, emojis_and_stickers=True)
        intents.message_content = True
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            enable_debug_events=True,
        )
        # nothing is asked of its caches, and a body it does not expect would end the connection for good
        self._connection.parsers.clear()
        # told of each connection before it is made: broken off in the making, or cut, it would stay open and beat on
        self._connection._update_references = self._begun  # type: ignore[method-assign]  # noqa: SLF001 - no other way in
        self._newest: DiscordWebSocket | None = None
        self._take = take
        self._seen = seen
        self._session_id = ""
        self._framed = asyncio.Event()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Take raw frames at once, in order; everything else is discord.py's."""
        if event == "socket_raw_receive":
            self._frame(args[0])
        else:
            super().dispatch(event, *args, **kwargs)

    async def listen(self, token: str) -> None:
        """Listen until cancelled or broken.

        Raises:
            BridgeError: why it broke.
        """
        try:
            # it waits by asyncio.wait_for, which before Python 3.12 can swallow a cancellation
            await apart(self.start(token))
        except BridgeError:
            raise
        except Exception as error:
            raise _translated(error) from error
        finally:
            await self._end()
        raise NotReady("the connection to Discord ended")

    async def probe(self) -> None:
        """Beat, and see that something comes back.

        Raises:
            NotReady: nothing did.
        """
        self._framed.clear()
        socket: DiscordWebSocket | None = self.ws
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                if socket is not None and socket.open and socket._keep_alive is not None:  # noqa: SLF001 - it counts them
                    await socket.send_heartbeat(socket._keep_alive.beat())  # noqa: SLF001 - same
                await self._framed.wait()
        except (TimeoutError, aiohttp.ClientError, OSError, discord.ConnectionClosed) as error:
            raise NotReady("the connection to Discord went silent") from error

    def _frame(self, text: str) -> None:
        self._seen()
        self._framed.set()
        frame = json.loads(text)
        name, body = frame.get("t"), frame.get("d")
        if frame.get("op") != 0 or not isinstance(body, dict) or not isinstance(name, str):
            return
        if name == "READY":
            self._session_id = str(body.get("session_id"))
        try:
            self._take(name, body, f"{self._session_id}:{frame.get('s')}")
        except (KeyError, TypeError, ValueError, AttributeError):
            _log.warning("a %s of Discord's could not be read", name, exc_info=True)

    def _begun(self, ws: DiscordWebSocket) -> None:
        self._newest = ws

    async def _end(self) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSING_SECONDS):
                if self._newest is not None:
                    await self._newest.close(code=1000)
                await self.close()


def reach(api_url: str, gateway_url: str) -> None:
    """Tell discord.py where Discord is; it keeps that for the whole process."""
    Route.BASE = api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def _translated(error: Exception) -> BridgeError:
    match error:
        case discord.LoginFailure():
            return AuthFailed("Discord refuses the bot's token: check discord.token")
        case discord.PrivilegedIntentsRequired():
            return ConfigError(INTENTS_WANTED)
        case discord.ConnectionClosed(code=code) if code == _BAD_TOKEN:
            return AuthFailed("Discord refuses the bot's token: check discord.token")
        case discord.ConnectionClosed(code=code) if code in _INTENTS_REFUSED:
            return ConfigError(INTENTS_WANTED)
        case aiohttp.ClientError() | OSError() | TimeoutError() | discord.DiscordException():
            return NotReady(f"the connection to Discord broke: {str(error) or type(error).__name__}")
    _log.warning("discord.py broke", exc_info=error)
    return NotReady(f"discord.py broke: {type(error).__name__}: {error}")
