"""A link's way in: over which bridge it leads, to which channel, and what it lets through."""

from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Principal
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Bridge
from hub.relay.identities import Identities
from hub.relay.rules import Mirrored, rules_of
from store.ports.relay import Link


@dataclass(frozen=True, slots=True)
class Gate:
    """A link's way in, over one running bridge, to a hub channel."""

    link: Link
    channel: Channel
    bridge: Bridge
    identities: Identities


async def acting(gate: Gate, user: inbound.User) -> Principal:
    """Return in whose name the hub does what a user of the platform did.

    Raises:
        Forbidden: their account is deactivated.
    """
    principal = await gate.identities.principal_of(user)
    if not principal.active:
        raise Forbidden(f'"{principal.name}" is deactivated')
    return principal


def mirrored(gate: Gate, what: Mirrored) -> bool:
    """Tell whether the link mirrors this."""
    return what in rules_of(gate.link).mirror
