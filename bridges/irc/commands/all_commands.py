"""Every command there is: importing the files of this folder fills the table."""

from bridges.irc.commands import (
    authenticate,
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
    registering,
    rename,
    tasks,
)
from bridges.irc.commands.table import COMMANDS

__all__ = [
    "COMMANDS",
    "authenticate",
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
    "registering",
    "rename",
    "tasks",
]
