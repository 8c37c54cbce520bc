"""The capabilities that the server offers, in the order in which it names them."""

from bridges.irc.accounts import enrolment
from bridges.irc.accounts.sasl import mechanisms
from bridges.irc.config import IrcConfig
from bridges.irc.log import metadata
from bridges.irc.speech import batches
from bridges.irc.transport.connection import Connection
from hub.core.addresses import is_loopback

STS = "sts"
"""Tells clients to come by TLS alone. It is no capability that a client could ask for."""

PLAIN = (
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "chghost",
    "draft/channel-rename",
    "draft/chathistory",
    "draft/event-playback",
    "draft/extended-isupport",
    "draft/message-redaction",
    "draft/pre-away",
    "draft/read-marker",
    "echo-message",
    "extended-join",
    "extended-monitor",
    "invite-notify",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "no-implicit-names",
    "server-time",
    "setname",
    "standard-replies",
    "userhost-in-names",
)
"""Capabilities without a value."""

NOTIFY = "cap-notify"
"""What clients of version 302 have without asking: it is not named to them, for want of room in one line."""


def offered(config: IrcConfig, connection: Connection) -> dict[str, str]:
    """Return every capability with its value, an empty one where it has none; what matters most comes first."""
    found = {"sasl": ",".join(mechanisms(connection.certificate))} | dict.fromkeys(PLAIN, "")
    found["draft/multiline"] = batches.VALUE
    found |= {metadata.OLDER: "", metadata.CURRENT: "before-connect"}
    registration = enrolment.offered(config.registration)
    if registration is not None:
        found["draft/account-registration"] = registration
    if config.sts_port is not None and config.sts_seconds and not is_loopback(connection.address):
        found[STS] = f"duration={config.sts_seconds}" if connection.secure else f"port={config.sts_port}"
    return found
