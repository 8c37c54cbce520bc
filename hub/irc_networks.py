"""IRC networks as part of the hub: the bridges that the settings ask for, and what is wrong with one."""

from pydantic import SecretStr

from bridges.irc_network.doctor import Problem, examine
from bridges.irc_network.network import Network
from bridges.irc_network.platform import irc_network_platform
from hub.relay.contract.platform import Platform
from hub.sections import IrcNetworkSection
from hub.settings import Settings


def platforms(settings: Settings) -> list[Platform]:
    """Return a bridge for each network; what is too long for IRC is read at the hub's public address, if it has one."""
    url = settings.hub.public_url.rstrip("/") if settings.hub.public_url else None
    return [irc_network_platform(_network(it, url)) for it in settings.irc_networks if it.enabled]


async def problems(settings: Settings, section: IrcNetworkSection) -> list[Problem]:
    """Return what is wrong with a network, going there."""
    remotes = [link.remote for link in settings.links if link.platform == section.name]
    return await examine(_network(section, None), remotes)


def _network(section: IrcNetworkSection, web_url: str | None) -> Network:
    told = section.model_dump(exclude={"enabled", "password", "server_password", "keys"})
    return Network(
        web_url=web_url,
        password=_secret(section.password),
        server_password=_secret(section.server_password),
        keys=dict(line.split() for line in (_secret(section.keys) or "").splitlines() if line.strip()),
        **told,
    )


def _secret(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
