"""Dispatches: taken in the order they come, before anything else is done with them, and stored by a worker."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bridges.discord.events import ABOUT_MESSAGES, CHANNEL, Dispatch, Events
from bridges.discord.guild import Guild
from hub.relay.contract.bridge import Intake, RawEvent
from hub.relay.contract.errors import ConfigError, NotReady

_log = logging.getLogger(__name__)

_WAITING_AT_MOST = 10_000
_BATCH = 200


class Dispatches:
    """What came over the gateway and is not stored yet; `interact` is given every interaction."""

    def __init__(
        self, guild: Guild, events: Events, intake: Intake, interact: Callable[[dict[str, Any]], None]
    ) -> None:
        self._guild = guild
        self._events = events
        self._intake = intake
        self._interact = interact
        self._full = False
        self._waiting: asyncio.Queue[Dispatch | Exception] = asyncio.Queue()

    def take(self, name: str, body: dict[str, Any], number: str) -> None:
        """Take a dispatch; nothing is awaited, so that the order stays."""
        if name == "INTERACTION_CREATE":
            self._interact(body)
        elif name in ABOUT_MESSAGES:
            if body.get("guild_id") == self._guild.id:
                self._put(Dispatch(name, body, number))
        elif name.startswith("GUILD"):
            self._guild_changed(name, body)
        elif body.get("guild_id") == self._guild.id:
            self._channel_changed(name, body, number)

    async def store(self) -> None:
        """Store for ever what was taken.

        Raises:
            BridgeError: what cannot be stored now will be read from history by the next bridge.
        """
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            events: list[RawEvent] = []
            for dispatch in batch:
                if isinstance(dispatch, Exception):
                    raise dispatch
                events += await self._read(dispatch)
            await asyncio.gather(*(self._intake.accept(event) for event in events))

    async def _read(self, dispatch: Dispatch) -> list[RawEvent]:
        try:
            return await self._events.of(dispatch)
        except (KeyError, TypeError, ValueError, AttributeError):
            _log.warning("a %s of Discord's could not be read", dispatch.name, exc_info=True)
            return []

    def _put(self, dispatch: Dispatch | Exception) -> None:
        """Queue a dispatch; what comes when too many wait is left to the next bridge, which reads it from history."""
        if self._waiting.qsize() < _WAITING_AT_MOST:
            self._waiting.put_nowait(dispatch)
        elif not self._full:
            self._full = True
            self._waiting.put_nowait(NotReady("more comes from Discord than can be stored"))

    def _guild_changed(self, name: str, body: dict[str, Any]) -> None:
        if name == "GUILD_CREATE" and body["id"] == self._guild.id and not body.get("unavailable"):
            self._guild.learn(body)
            self._intake.listening()  # a new session, or a guild that was away: something may have been missed
        elif name == "GUILD_DELETE" and body["id"] == self._guild.id and not body.get("unavailable"):
            self._put(ConfigError("the bot was removed from the Discord server: invite it again"))
        elif name == "GUILD_EMOJIS_UPDATE" and body["guild_id"] == self._guild.id:
            self._guild.learn_emoji(body["emojis"])
        elif name in {"GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE"} and body["guild_id"] == self._guild.id:
            self._guild.roles[body["role"]["id"]] = body["role"]["name"]

    def _channel_changed(self, name: str, body: dict[str, Any], number: str) -> None:
        if name in {"CHANNEL_DELETE", "THREAD_DELETE"}:
            if self._guild.forget_channel(body["id"]):
                self._put(Dispatch(CHANNEL, {"home": body["id"], "archived": True}, number))
        elif name == "THREAD_LIST_SYNC":
            for thread in body["threads"]:
                self._guild.learn_channel(thread)
        elif name in {"CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE"}:
            before, now = self._guild.learn_channel(body) or (None, None)
            if before is None or now is None:
                return
            if before.topic != now.topic:
                self._put(Dispatch(CHANNEL, {"home": now.id, "topic": now.topic}, f"{number}:topic"))
            if before.name != now.name:
                self._put(Dispatch(CHANNEL, {"home": now.id, "name": now.name}, f"{number}:name"))
