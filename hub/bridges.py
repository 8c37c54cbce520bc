"""Bridges: which platforms the settings want, and the relay that keeps them going."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from airchat.protocol.files import File
from airchat.protocol.timestamps import DAY
from hub.administration import Administration, web_url
from hub.relay.commands.cases import Cases
from hub.relay.commands.desk import CommandDesk
from hub.relay.contract.errors import ConfigError
from hub.relay.contract.platform import Platform
from hub.relay.installed import installed
from hub.relay.linking import ConfiguredLink
from hub.relay.rules import rules_from
from hub.relay.runner import Relay
from hub.settings import Settings, SettingsError

if TYPE_CHECKING:  # for hubs that have Slack
    from hub.slack import Slack

_FILE_ADDRESS_TIME = 7 * DAY


def platforms_of(settings: Settings, slack: "Slack | None") -> list[Platform]:
    """Return the platforms that the settings want.

    Raises:
        SettingsError: one of them cannot be.
    """
    try:
        known = [*(slack.platforms if slack else ()), *_discord(settings), *_irc_networks(settings)]
        return [*known, *installed(settings.bridges)]
    except ConfigError as error:
        raise SettingsError(str(error)) from error


def slack_of(settings: Settings) -> "Slack | None":
    """Return Slack, if the settings want it."""
    section = settings.slack
    if not section.enabled or (section.bot_token is None and section.signing_secret is None):
        return None
    from hub.slack import Slack  # noqa: PLC0415 - slow import, for hubs that have Slack

    return Slack(section)


def _discord(settings: Settings) -> list[Platform]:
    if not settings.discord.enabled or settings.discord.token is None:
        return []
    from hub.discord import platform  # noqa: PLC0415 - slow import, for hubs that have Discord

    return [platform(settings)]


def _irc_networks(settings: Settings) -> list[Platform]:
    if not settings.irc_networks:
        return []
    from hub.irc_networks import platforms  # noqa: PLC0415 - for hubs that have IRC networks

    return platforms(settings)


def relay_of(hub: Administration, platforms: list[Platform]) -> Relay:
    """Return what keeps the bridges going."""
    return Relay(
        store=hub.store,
        bus=hub.cases.bus,
        directory=hub.cases.directory,
        messages=hub.cases.messages,
        reactions=hub.cases.reactions,
        channels=hub.cases.channels,
        files=hub.cases.files,
        address=_file_address(hub),
        approvals=hub.cases.approvals,
        guards=hub.cases.guards,
        clock=hub.clock,
        platforms=platforms,
        configured=configured_links(hub.settings),
        desk=lambda relay: CommandDesk(_commands(hub, relay)),
    )


def configured_links(settings: Settings) -> list[ConfiguredLink]:
    """Return the links of the settings."""
    return [
        ConfiguredLink(it.channel, it.platform, it.remote, it.direction, rules_from(it.model_dump()))
        for it in settings.links
    ]


def _file_address(hub: Administration) -> Callable[[File], str] | None:
    """Return what makes addresses of files that are good for a week; nothing when they cannot be fetched."""
    base = web_url(hub.settings)
    if base is None:
        return None
    # the same address each time, so that a text with it stays the same
    sign = hub.cases.files.sign
    return lambda file: f"{base}/signed/files/{quote(file.path)}?{sign(file, file.created_at + _FILE_ADDRESS_TIME)}"


def _commands(hub: Administration, relay: Relay) -> Cases:
    cases = hub.cases
    return Cases(
        agents=cases.agents,
        approvals=cases.approvals,
        channels=cases.channels,
        clock=hub.clock,
        directory=cases.directory,
        guards=cases.guards,
        health=relay.health,
        history=cases.history,
        link_codes=cases.link_codes,
        links=relay.links,
        messages=cases.messages,
        mutes=relay.mutes,
        presence=cases.presence,
        store=hub.store,
        task_lists=cases.task_lists,
        tasks=cases.tasks,
        workspaces=relay.workspaces,
    )
