"""What a token may do that is only for reading."""

from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import casefold

_ALWAYS = frozenset({
    "ADMIN", "AUTHENTICATE", "AWAY", "CAP", "CHATHISTORY", "HELP", "HELPOP", "HISTORY", "HUB", "INFO", "ISON",
    "ISUPPORT", "LINKS", "LIST", "LUSERS", "MONITOR", "MOTD", "NAMES", "NICK", "PASS", "PING", "PONG", "QUIT",
    "STATS", "TIME", "USER", "USERHOST", "VERSION", "WHO", "WHOIS", "WHOWAS",
})  # fmt: skip
_QUESTIONS = {"INVITE": 0, "MARKREAD": 1, "MODE": 1, "TOPIC": 1}
"""Commands that ask when they have at most so many parameters."""

_SUBCOMMANDS = {
    "METADATA": (1, frozenset({"GET", "LIST", "SUB", "SUBS", "SYNC", "UNSUB"})),
    "TASK": (0, frozenset({"LIST", "SHOW"})),
}
"""Where a command has its subcommand, and which of them ask."""


def only_reads(line: Line) -> bool:
    """Tell whether the command changes nothing that others see or the hub keeps."""
    if line.command in _ALWAYS:
        return True
    if line.command == "PRIVMSG" and line.params[:1] and casefold(line.params[0]) == "hub":
        return True  # its service looks at the token itself
    if line.command in _QUESTIONS:
        return len(line.params) <= _QUESTIONS[line.command]
    place, words = _SUBCOMMANDS.get(line.command, (0, frozenset()))
    return len(line.params) > place and line.params[place].upper() in words
