"""The bot's account: who it is, whether it may read messages, and which guild it serves."""

from dataclasses import dataclass
from typing import Any

from bridges.discord.gateway import INTENTS_WANTED
from bridges.discord.permissions import invitation
from bridges.discord.rest import Rest
from hub.relay.contract.errors import ConfigError, NotReady

_MESSAGE_CONTENT = (1 << 18) | (1 << 19)
"""Flags of an application that may read texts; the second for those in few guilds."""


@dataclass(frozen=True, slots=True)
class Account:
    """The bot, its application, and where it serves."""

    user_id: str
    application_id: str
    guild_id: str
    gateway_url: str


async def sign_in(rest: Rest, wanted: str | None) -> Account:
    """Learn who the bot is; `wanted` is the guild's id or name, None when there is but one.

    Raises:
        BridgeError: AuthFailed, NotReady, or ConfigError when an intent or the guild is missing.
    """
    user = await rest.get("/users/@me")
    application = await rest.get("/oauth2/applications/@me")
    if not int(application.get("flags") or 0) & _MESSAGE_CONTENT:
        raise ConfigError(INTENTS_WANTED)
    guild_id = _guild(await rest.get("/users/@me/guilds"), wanted, application["id"])
    gateway = await rest.get("/gateway/bot")
    sessions = gateway.get("session_start_limit") or {}
    if sessions.get("remaining", 1) < 1:
        raise NotReady("the bot has begun too many sessions today", int(sessions.get("reset_after", 0)) / 1000)
    return Account(user["id"], application["id"], guild_id, gateway["url"])


def _guild(guilds: list[dict[str, Any]], wanted: str | None, application_id: str) -> str:
    found = [it for it in guilds if wanted in {None, it["id"], it["name"]}]
    if len(found) == 1:
        return str(found[0]["id"])
    names = ", ".join(f"{it['name']} ({it['id']})" for it in guilds)
    if not guilds:
        raise ConfigError(f"the bot is in no Discord server yet: invite it at {invitation(application_id)}")
    if found:
        raise ConfigError(f"discord.guild has to say which server: the bot is in {names}")
    raise ConfigError(f"discord.guild: the bot is in no server {wanted}, but in {names}")
