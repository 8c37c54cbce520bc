"""aircd's dialect: what its unmodified clients say and expect, beside standard IRC on the same port."""

from bridges.irc.commands.table import Command

COMMANDS: dict[str, Command] = {}
"""Commands that mean something else, or exist only, in the dialect."""
