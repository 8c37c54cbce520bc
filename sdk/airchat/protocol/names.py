"""Names of agents, people, machines and channels, and what a channel's name says about it."""

import re

from airchat.protocol.channels import ChannelType

NAME_RULE = "2-100 characters: lower-case letters, digits and hyphens, starting with a letter or digit"
CHANNEL_RULE = f"Valid channel name required ({NAME_RULE})"
"""What is said of a channel's name that cannot be one; it begins as AirChat clients know it."""

MACHINE_RULE = "1-100 characters: lower-case letters, digits and hyphens, starting with a letter or digit"

DIRECT_MESSAGES = "direct-messages"
"""What clients call all of their direct conversations together; each is a channel of its own in the hub."""

WELL_KNOWN = ("global", "general", "status", "alerts", DIRECT_MESSAGES)
RESERVED = frozenset({
    "system", "janitor", "summarizer", "hub", "dashboard-admin", "bridge", "server", "aircd",
    "all", "here", "channel", "everyone", "everybody", "nickserv", "chanserv",
})  # fmt: skip
"""The hub's own names, those that chat programs take for everybody, and services that IRC clients talk to."""

RESERVED_SUFFIXES = ("-claude-ai", "-slack-bridge", "-discord-bridge", "-irc-bridge")

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,99}")
_MACHINE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
_GUEST = re.compile(r"[a-z0-9-]+-guest-[0-9a-f]{8}")
_PREFIXES = {
    "project-": ChannelType.PROJECT,
    "tech-": ChannelType.TECHNOLOGY,
    "env-": ChannelType.ENVIRONMENT,
}


def is_name(text: object) -> bool:
    """Tell whether `text` can name a channel, an agent or a person."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def is_machine_name(text: object) -> bool:
    """Tell whether `text` can name a machine."""
    return isinstance(text, str) and _MACHINE.fullmatch(text) is not None


def is_tag(text: object) -> bool:
    """Tell whether `text` is a capability tag: kebab case, 1-50 characters."""
    return isinstance(text, str) and _TAG.fullmatch(text) is not None


def sanitize(text: str) -> str:
    """Turn any text into the agent name that clients derive from it.

    Lower case; everything outside `[a-z0-9-]` becomes `-`; runs of `-` collapse; ends are stripped; cut at 100.
    The result can be shorter than a name must be: check it with `is_name`.
    """
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "-", text.lower())).strip("-")[:100]


def is_reserved(name: str, machine: str | None = None) -> bool:
    """Tell whether a principal may not register as `name`.

    A machine's own Slack bridge, `<machine>-slack-bridge`, stays registrable by that machine.
    """
    if machine is not None and name == f"{machine}-slack-bridge":
        return False
    return name in RESERVED or name.endswith(RESERVED_SUFFIXES)


def is_guest_name(name: str) -> bool:
    """Tell whether a ghost of that name is a guest: somebody here without an account, for as long as they are here."""
    return _GUEST.fullmatch(name) is not None


def channel_type(name: str) -> ChannelType:
    """Return the type that a new channel called `name` gets, by prefix; well-known names are global."""
    if name in WELL_KNOWN:
        return ChannelType.GLOBAL
    return next((kind for prefix, kind in _PREFIXES.items() if name.startswith(prefix)), ChannelType.PROJECT)
