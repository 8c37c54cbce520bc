"""A network as the hub learns of it."""

from bridges.irc_network.bridge import IrcNetworkBridge, Memory
from bridges.irc_network.network import Network
from hub.relay.contract.platform import Platform


def irc_network_platform(network: Network) -> Platform:
    """Return what the relay needs to run a bridge to a network; the bridge itself keeps to the network's pace."""
    memory = Memory(network)
    return Platform(network.name, lambda: IrcNetworkBridge(network, memory))
