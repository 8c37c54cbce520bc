import asyncio

import pytest

from bridges.irc_network.bridge import IrcNetworkBridge
from bridges.irc_network.network import Network
from hub.relay.contract.errors import AuthFailed, ConfigError, NotReady
from tests.bridges.irc_network.conftest import Connect
from tests.bridges.irc_network.world import PLACE
from tests.fakes.irc_network import FakeIrcNetwork
from tests.waiting import SECONDS


def network(irc: FakeIrcNetwork, **told: object) -> Network:
    return Network("irc", "127.0.0.1", irc.port, tls=False, per_second=90.0, burst=20, **told)  # type: ignore[arg-type]


async def test_password_logs_in_before_the_registration_ends(irc: FakeIrcNetwork, connect: Connect) -> None:
    irc.settings.accounts = {"bridges": "secret"}
    world = await connect(account="bridges", password="secret")
    assert irc.clients[0].account == "bridges"
    await world.until(lambda: irc.clients[0].modes == "+B")
    said = [text for _, text in irc.lines]
    assert said.index("AUTHENTICATE PLAIN") < said.index("CAP END")


async def test_long_password_is_sent_in_pieces(irc: FakeIrcNetwork) -> None:
    from bridges.irc_network import sasl

    pieces = list(sasl.answer(network(irc, account="a" * 10, password="p" * 278)))
    assert [len(piece) for piece in pieces] == [400, 1]
    assert pieces[-1] == "+"


async def test_wrong_passwords_need_a_human(irc: FakeIrcNetwork) -> None:
    irc.settings.accounts = {"airchat": "secret"}
    with pytest.raises(AuthFailed, match="refuses the login as airchat"):
        await IrcNetworkBridge(network(irc, password="wrong")).connect()
    irc.settings.password = "all of us"
    with pytest.raises(AuthFailed, match="server password"):
        await IrcNetworkBridge(network(irc, server_password="wrong")).connect()


async def test_login_that_is_not_offered_now_is_waited_for(irc: FakeIrcNetwork) -> None:
    with pytest.raises(NotReady, match="offers no login"):
        await IrcNetworkBridge(network(irc, password="secret")).connect()


async def test_nobody_there_is_waited_for(irc: FakeIrcNetwork) -> None:
    await irc.stop()
    with pytest.raises(NotReady, match="cannot be reached"):
        await IrcNetworkBridge(network(irc)).connect()
    await irc.start()


async def test_nick_in_use_is_replaced_and_taken_back_later(
    irc: FakeIrcNetwork, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridges.irc_network.bridge._TEND_SECONDS", 0.05)
    monkeypatch.setattr("bridges.irc_network.bridge._NICK_SECONDS", 0.05)
    irc.settings.taken, irc.settings.accounts = {"airchat", "airchat_"}, {"airchat": "secret"}
    world = await connect(password="secret")
    assert irc.clients[0].nick == "airchat__"
    await world.until(lambda: irc.private[:1] == [("airchat__", "PRIVMSG", "NickServ", "REGAIN airchat")])
    irc.settings.taken = set()
    await world.until(lambda: irc.clients[0].nick == "airchat")
    await world.post("still me", token="m:1")
    await world.until(lambda: len(world.received.events) == 1)
    assert await world.decoded(1) == []


async def test_slow_server_is_waited_for(irc: FakeIrcNetwork, connect: Connect) -> None:
    irc.faults.lag = 0.05
    world = await connect()
    await world.post("slowly")
    assert world.shown() == ["airchat: <w¦ren> slowly"]


async def test_old_server_without_capabilities_is_good_enough(irc: FakeIrcNetwork, connect: Connect) -> None:
    irc.settings.capabilities = frozenset()
    world = await connect()
    alice = irc.person("alice")
    alice.say(PLACE, "hello")
    (message,) = await world.decoded(1)
    assert (message.author.name, message.text) == ("alice", "hello")  # type: ignore[union-attr]
    assert await world.post("hi") == "~m:0"
    assert world.shown()[-1] == "airchat: <w¦ren> hi"


async def test_bridge_is_closed_before_it_connects_after_and_twice(irc: FakeIrcNetwork) -> None:
    bridge = IrcNetworkBridge(network(irc))
    await bridge.close()
    await bridge.connect()
    assert len(irc.clients) == 1
    await bridge.close()
    await bridge.close()
    async with asyncio.timeout(SECONDS):
        await irc.settled()
    assert irc.clients == []


async def test_channel_that_wants_a_key_lets_in_who_has_it(irc: FakeIrcNetwork) -> None:
    irc.network.channel(PLACE).key = "sesame"
    for keys in ({}, {PLACE: "wrong"}):
        bridge = IrcNetworkBridge(network(irc, keys=keys))
        await bridge.connect()
        with pytest.raises(ConfigError, match="wants a key"):
            await bridge.resolve(PLACE)
        await bridge.close()
    bridge = IrcNetworkBridge(network(irc, keys={PLACE.upper(): "sesame"}))
    await bridge.connect()
    assert (await bridge.resolve(PLACE)).name == PLACE
    await bridge.close()


@pytest.mark.parametrize(
    ("numeric", "helps"),
    [
        ("403", "no such channel"),
        ("405", "as many channels as"),
        ("471", "is full"),
        ("473", "invite airchat"),
        ("474", "banned there"),
        ("475", "keys_file"),
        ("477", "set account and password"),
    ],
)
async def test_why_a_channel_does_not_let_us_in_and_what_helps_is_told(
    irc: FakeIrcNetwork, numeric: str, helps: str
) -> None:
    irc.network.channel(PLACE).refusal = numeric
    bridge = IrcNetworkBridge(network(irc))
    await bridge.connect()
    with pytest.raises(ConfigError, match=rf"{PLACE}: .*{helps}.*\(Cannot join\)"):
        await bridge.resolve(PLACE)
    await bridge.close()
