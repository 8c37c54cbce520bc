"""The capabilities that the server offers, in the order in which it names them."""

from bridges.irc import enrolment
from bridges.irc.config import IrcConfig
from bridges.irc.sasl import mechanisms

STS = "sts"
"""Tells clients to come by TLS alone. It is no capability that a client could ask for."""

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


def offered(config: IrcConfig, *, secure: bool, local: bool = False) -> dict[str, str]:
    """Return every capability with its value, an empty one where it has none.

    `secure` and `local` say whether the client's connection is over TLS and whether it is from this machine.
    """
    found = dict.fromkeys(PLAIN, "") | {"sasl": ",".join(mechanisms(secure=secure))}
    registration = enrolment.offered(config.registration)
    if registration is not None:
        found["draft/account-registration"] = registration
    if config.sts_port is not None and config.sts_seconds and not local:
        found[STS] = f"duration={config.sts_seconds}" if secure else f"port={config.sts_port}"
    return found
