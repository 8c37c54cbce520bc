"""Discord as part of the hub: the bridge that the settings ask for, and what is wrong with it."""

from bridges.discord.doctor import Problem, examine
from bridges.discord.platform import discord_platform
from hub.relay.contract.platform import Platform
from hub.settings import Settings

NAME = "discord"


def platform(settings: Settings) -> Platform:
    """Return the bridge; its token must be there."""
    section = settings.discord
    assert section.token is not None  # noqa: S101 - asked before
    return discord_platform(section.token.get_secret_value(), section.guild, section.api_url)


async def problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with it, asking Discord."""
    section = settings.discord
    assert section.token is not None  # noqa: S101 - asked before
    remotes = [link.remote for link in settings.links if link.platform == NAME]
    return await examine(section.token.get_secret_value(), section.guild, section.api_url, remotes)
