"""A hub with IRC, somebody who talks over HTTP, and one real client after the other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridges.irc.clients.account import Account
from tests.bridges.irc.clients.irc_framework import MODULES, IrcFramework
from tests.bridges.irc.clients.irssi import Irssi
from tests.bridges.irc.clients.peer import Peer
from tests.bridges.irc.clients.weechat import WeeChat
from tests.conftest import IN_CI
from tests.hub_process import UNLIMITED, HubProcess, free_port

Client = Irssi | WeeChat | IrcFramework
PASSWORD = "correct-horse-battery"
CLIENTS: dict[str, tuple[type[Client], tuple[str, ...]]] = {
    "irssi": (Irssi, ("irssi", "tmux")),
    "weechat": (WeeChat, ("weechat-headless",)),
    "irc-framework": (IrcFramework, ("node", str(MODULES / "irc-framework"))),
}


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    folder = tmp_path_factory.mktemp("hub")
    settings = {"IRC__PORT": str(free_port()), "LIMITS__LOGIN_PER_IP": "1000"}
    with HubProcess(folder, UNLIMITED | settings) as hub:
        yield hub


@pytest.fixture(scope="package")
def peer(hub: HubProcess) -> Peer:
    hub.command("people", "add", "peer")
    token = hub.admin("tokens", "create", "peer", "desk")["secret"]
    return Peer("peer", hub.url, token)


@pytest.fixture(params=list(CLIENTS))
def client(
    request: pytest.FixtureRequest, hub: HubProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client that is not started yet, of somebody with a password of their own."""
    kind, needs = CLIENTS[request.param]
    missing = [name for name in needs if not (shutil.which(name) or Path(name).exists())]
    if missing:
        message = f"not installed: {', '.join(missing)}"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path_factory.mktemp("client")
    name = folder.name
    (folder / "password").write_text(PASSWORD)
    hub.command("people", "add", name)
    hub.command("people", "password", name, "--password-file", str(folder / "password"))
    port = int(hub.env["AIRCHAT_HUB__IRC__PORT"])
    client = kind(folder, Account(port=port, nick=name, password=PASSWORD, account=name))
    try:
        yield client
    finally:
        client.stop()
