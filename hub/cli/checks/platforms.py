"""Checks of the platforms that channels are linked to. They ask the platforms what the hub may do there."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from pydantic import SecretStr

from hub.cli.checks.finding import Finding
from hub.sections import SlackSection
from hub.settings import Settings

_PLATFORMS = ("slack", "discord")


class Problem(Protocol):
    """What a bridge finds wrong with itself."""

    @property
    def text(self) -> str:
        """What it is."""
        ...

    @property
    def fix(self) -> str:
        """What to do about it."""
        ...

    @property
    def broken(self) -> bool:
        """Whether nothing works because of it."""
        ...


def links(settings: Settings) -> Finding:
    """Check that links name platforms that there are."""
    known = {*_PLATFORMS, *(network.name for network in settings.irc_networks), *settings.bridges}
    strange = sorted({link.platform for link in settings.links} - known)
    if strange:
        text = f"links name platforms that no bridge serves: {', '.join(strange)}"
        return Finding("links", "broken", text, f"there are {', '.join(sorted(known))}")
    return Finding("links", "ok", f"{len(settings.links)} in hub.toml")


def slack(settings: Settings) -> Finding:
    """Check what the app in Slack may do."""
    section, links = settings.slack, [link for link in settings.links if link.platform == "slack"]
    if not section.enabled:
        return Finding("slack", "ok", "switched off")
    if section.bot_token is None and section.app_token is None and not links:
        text = "takes commands over HTTP alone" if section.signing_secret else "not set up"
        return Finding("slack", "ok", text)
    wrong = list(_slack_tokens(section))
    if wrong:
        fix = "see docs/slack.md; a bot token begins with xoxb-, an app-level token with xapp-"
        return Finding("slack", "broken", "; ".join(wrong), fix)
    from hub.slack import problems  # noqa: PLC0415 - slow import, for hubs that have Slack

    found = asyncio.run(problems(settings))
    return _from_problems("slack", f"the app may all it needs in {len(links)} linked channels", found)


def discord(settings: Settings) -> Finding:
    """Check what the bot on Discord may do."""
    section, links = settings.discord, [link for link in settings.links if link.platform == "discord"]
    if not section.enabled:
        return Finding("discord", "ok", "switched off")
    if section.token is None:
        if links:
            text = f"{len(links)} channels are linked, but the bridge will not run without discord.token"
            return Finding("discord", "broken", text, "see docs/discord.md")
        return Finding("discord", "ok", "not set up")
    from hub.discord import problems  # noqa: PLC0415 - slow import, for hubs that have Discord

    found = asyncio.run(problems(settings))
    return _from_problems("discord", f"the bot has all it needs, {len(links)} channels are linked", found)


def irc_networks(settings: Settings) -> Finding:
    """Check that the networks can be joined."""
    if not settings.irc_networks:
        return Finding("irc networks", "ok", "none set up")
    from hub.irc_networks import problems  # noqa: PLC0415 - for hubs that have IRC networks

    wanted = [network for network in settings.irc_networks if network.enabled]
    found = [problem for network in wanted for problem in asyncio.run(problems(settings, network))]
    names = ", ".join(network.name for network in wanted)
    return _from_problems("irc networks", f"{names} can be used" if names else "switched off", found)


def _from_problems(check: str, fine: str, found: Sequence[Problem]) -> Finding:
    if not found:
        return Finding(check, "ok", fine)
    state: Literal["warning", "broken"] = "broken" if any(problem.broken for problem in found) else "warning"
    fixes = dict.fromkeys(problem.fix for problem in found)
    return Finding(check, state, "; ".join(problem.text for problem in found), "; ".join(fixes))


def _slack_tokens(section: SlackSection) -> Iterator[str]:
    if section.bot_token is None:
        yield "the bridge will not run without slack.bot_token"
    elif not _holds(section.bot_token, "xoxb-"):
        yield "slack.bot_token is no bot token"
    if section.app_token is not None and not _holds(section.app_token, "xapp-"):
        yield "slack.app_token is no app-level token"
    if section.app_token is None and section.signing_secret is None:
        yield "nothing comes in without slack.app_token or slack.signing_secret"


def _holds(secret: SecretStr | None, prefix: str) -> bool:
    return secret is not None and secret.get_secret_value().startswith(prefix)
