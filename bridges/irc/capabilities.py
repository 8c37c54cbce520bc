"""The capabilities that the server offers, in the order in which it names them."""

from bridges.irc.config import AccountRegistration, IrcConfig

PLAIN = (
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "cap-notify",
    "draft/channel-rename",
    "draft/chathistory",
    "draft/event-playback",
    "draft/read-marker",
    "echo-message",
    "extended-join",
    "invite-notify",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "server-time",
    "setname",
    "userhost-in-names",
)
"""Capabilities without a value."""


def offered(config: IrcConfig, *, secure: bool) -> dict[str, str]:
    """Return every capability with its value, an empty one where it has none."""
    del secure
    found = dict.fromkeys(PLAIN, "")
    if config.registration is not AccountRegistration.OFF:
        found["draft/account-registration"] = ""
    return found
