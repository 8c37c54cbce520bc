"""What keeps the bridge from working, found by going there: address, certificate, login, nick, channels."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridges.irc_network.bridge import IrcNetworkBridge
from bridges.irc_network.network import Network
from hub.relay.contract.errors import AuthFailed, BridgeError, ConfigError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not in order; without it being `broken` most things work all the same."""

    text: str
    fix: str
    broken: bool = True


async def examine(network: Network, remotes: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a network, and with the channels that are to be linked there."""
    bridge = IrcNetworkBridge(network)
    try:
        await bridge.connect()
    except AuthFailed as error:
        return [Problem(str(error), "correct account and password")]
    except ConfigError as error:
        return [Problem(str(error), "see docs/irc-networks.md")]
    except BridgeError as error:
        return [Problem(str(error), "try again, and check host, port and tls", broken=False)]
    try:
        found = [problem for remote in remotes if "*" not in remote for problem in await _channel(bridge, remote)]
        return found + list(_poor(bridge, network))
    finally:
        await bridge.close()


async def _channel(bridge: IrcNetworkBridge, remote: str) -> list[Problem]:
    try:
        await bridge.resolve(remote)
    except BridgeError as error:
        return [Problem(str(error), "correct the link, or have the channel's operators let the bridge in")]
    return []


def _poor(bridge: IrcNetworkBridge, network: Network) -> list[Problem]:
    """Return what the network lacks, so that less can be promised."""
    if bridge.keeps_history:
        return []
    text = f"{network.name} keeps no history: what is said there while the hub is away is not mirrored"
    return [Problem(text, "nothing can be done about it", broken=False)]
