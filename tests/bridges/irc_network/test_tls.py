import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridges.irc_network.bridge import IrcNetworkBridge
from bridges.irc_network.network import Network
from hub.relay.contract.errors import AuthFailed, ConfigError, NotReady
from tests.bridges.irc.transport.far_end import Identity
from tests.fakes.irc_network import FakeIrcNetwork


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return Identity.made(tmp_path, "localhost")


@pytest.fixture
async def secure(identity: Identity) -> AsyncIterator[FakeIrcNetwork]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.certificate, identity.key)
    context.load_verify_locations(identity.certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    async with FakeIrcNetwork(tls=context) as irc:
        yield irc


def network(irc: FakeIrcNetwork, **told: object) -> Network:
    return Network("irc", "127.0.0.1", irc.port, per_second=90.0, burst=20, **told)  # type: ignore[arg-type]


async def test_certificate_that_nobody_vouches_for_is_not_trusted(secure: FakeIrcNetwork, identity: Identity) -> None:
    with pytest.raises(NotReady, match="certificate verify failed"):
        await IrcNetworkBridge(network(secure)).connect()
    bridge = IrcNetworkBridge(network(secure, tls_verify=False))
    await bridge.connect()
    await bridge.close()


async def test_plain_server_behind_a_port_for_tls_is_waited_for() -> None:
    async with FakeIrcNetwork() as irc:
        with pytest.raises(NotReady, match="cannot be reached"):
            await IrcNetworkBridge(network(irc)).connect()


async def test_missing_files_need_a_human(secure: FakeIrcNetwork) -> None:
    for told in ({"tls_ca": Path("none.pem")}, {"client_cert": Path("none.pem")}):
        with pytest.raises(ConfigError, match="certificate or key cannot be read"):
            await IrcNetworkBridge(network(secure, **told)).connect()


async def test_certificate_logs_in_by_itself(secure: FakeIrcNetwork, identity: Identity) -> None:
    secure.settings.accounts = {"localhost": ""}
    own = {"client_cert": identity.certificate, "client_key": identity.key, "tls_verify": False}
    bridge = IrcNetworkBridge(network(secure, **own))
    await bridge.connect()
    assert secure.clients[0].account == "localhost"
    await bridge.close()
    secure.settings.accounts = {"somebody else": ""}
    with pytest.raises(AuthFailed):
        await IrcNetworkBridge(network(secure, **own)).connect()
