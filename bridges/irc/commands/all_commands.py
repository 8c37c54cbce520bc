"""Every command there is: importing the files of this folder fills the table."""

from bridges.irc.commands import (
    capabilities,
    channels,
    connection,
    history,
    invite,
    kick,
    listing,
    markers,
    messages,
    modes,
    rename,
)
from bridges.irc.commands.table import COMMANDS

__all__ = [
    "COMMANDS",
    "capabilities",
    "channels",
    "connection",
    "history",
    "invite",
    "kick",
    "listing",
    "markers",
    "messages",
    "modes",
    "rename",
]
