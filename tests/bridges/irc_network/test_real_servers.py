"""The bridge on servers that were not made for it: the hub's own, as a network of its own, and ngIRCd."""

import asyncio
import contextlib
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.irc_network.bridge import IrcNetworkBridge
from bridges.irc_network.network import Network
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Capability, LinkedChannel
from hub.relay.contract.errors import CannotCarry
from hub.relay.contract.outbound import Delete, Post, Topic
from hub.relay.desk import NoDesk
from tests.bridges.irc.server import Client, IrcHub, running_irc_server
from tests.bridges.irc_network.world import WREN, KnownNames, reference
from tests.contract.bridges.sides import Plain, Received
from tests.waiting import eventually

CAPABILITIES = ("message-tags", "server-time", "echo-message", "batch", "labeled-response", "account-tag")
NGIRCD = shutil.which("ngircd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def network(port: int, **told: object) -> Network:
    pace = {"tls": False, "colors": False, "per_second": 50.0, "burst": 20}
    return Network("irc", "127.0.0.1", port, **(pace | told))  # type: ignore[arg-type]


def piece(text: str, **more: object) -> Post:
    return Post("m:0", "#room", WREN, text, time.time_ns() // 1_000, message_id="m", **more)  # type: ignore[arg-type]


async def listening(bridge: IrcNetworkBridge, received: Received) -> asyncio.Task[None]:
    await bridge.connect()
    await bridge.resolve("#room")
    task = asyncio.create_task(bridge.run(received, NoDesk()))
    await eventually(lambda: received.listened > 0)
    return task


async def stop(bridge: IrcNetworkBridge, task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await bridge.close()


async def said(client: Client, nick: str) -> str:
    """Return what that nick says next."""
    while True:
        line = await client.expect("PRIVMSG")
        if (line.source or "").startswith(f"{nick}!"):
            return line.params[1].replace("\u200b", "")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[IrcHub]:
    async with running_irc_server(tmp_path) as server:
        yield server


async def test_hub_of_others_is_a_network_like_any(server: IrcHub) -> None:
    alice = await server.client("alice", *CAPABILITIES)
    await alice.join("#room")
    bridge, received = IrcNetworkBridge(network(server.port, reactions="tags")), Received()
    task = await listening(bridge, received)
    assert bridge.keeps_history
    assert {Capability.DELETE, Capability.REACTION, Capability.TOPIC} <= bridge.capabilities

    alice.send("PRIVMSG #room :\x02hello\x02 @wren")
    await eventually(lambda: len(received.events) == 1)
    (event,) = received.in_order()
    message = await bridge.decode(event.payload, Plain())
    assert isinstance(message, inbound.Message)
    assert (message.author.name, message.text) == ("alice", "**hello** @wren")

    remote_id = await bridge.post(piece("**hi**", thread=reference(message.remote_id, "hello")), KnownNames())
    assert (await said(alice, "airchat")).endswith("(re Alice: hello) \x02hi\x02")
    await eventually(lambda: len(received.events) == 2)
    assert await bridge.decode(received.in_order()[1].payload, Plain()) is None
    await stop(bridge, task)

    again, missed = IrcNetworkBridge(network(server.port)), Received()
    await again.connect()
    assert await again.find_sent(piece("**hi**")) == remote_id
    await again.read_up(LinkedChannel("#room", None, time.time_ns() // 1_000 - 60_000_000), missed)
    words = [it for it in missed.in_order() if it.payload["kind"] == "message"]
    assert [it.key for it in words] == [it.key for it in received.in_order()]
    assert [it.order_key for it in words] == [it.order_key for it in received.in_order()]
    assert [it.payload["own"] for it in words] == [False, True]
    with pytest.raises(CannotCarry, match="not yours"):  # without an account, who comes again is somebody else
        await again.change(Delete("#room", reference(remote_id), WREN), KnownNames())
    own = await again.post(replace(piece("oops"), token="m:1"), KnownNames())
    await again.change(Delete("#room", reference(own), WREN), KnownNames())
    assert await again.find_sent(replace(piece("oops"), token="m:1")) == own
    await again.close()


@pytest.mark.slow
async def test_flood_control_of_the_hub_is_never_met(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, limits="normal") as server:
        bridge, received = IrcNetworkBridge(network(server.port, per_second=2.0, burst=4)), Received()
        task = await listening(bridge, received)
        for number in range(8):
            await bridge.post(piece(f"line {number}"), KnownNames())
        assert not task.done()
        await stop(bridge, task)


@pytest.fixture
async def ngircd(tmp_path: Path) -> AsyncIterator[int]:
    """The port of an ngIRCd."""
    if NGIRCD is None:
        pytest.skip("ngircd is not installed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    config = tmp_path / "ngircd.conf"
    config.write_text(
        "[Global]\nName = irc.example\nInfo = test\nListen = 127.0.0.1\n"
        f"Ports = {port}\nServerUID = 65534\nServerGID = 65534\nPidFile =\n"
        "[Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 1\n[Options]\nDNS = no\nIdent = no\nPAM = no\n"
    )
    config.chmod(0o644)
    process = await asyncio.create_subprocess_exec(
        NGIRCD, "-n", "-f", str(config), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await eventually(lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        await process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
async def test_ngircd_without_tags_echo_or_history(ngircd: int) -> None:
    alice = await Client(*await asyncio.open_connection("127.0.0.1", ngircd)).register("alice")
    await alice.join("#room")
    bridge, received = IrcNetworkBridge(network(ngircd)), Received()
    task = await listening(bridge, received)
    assert not bridge.keeps_history
    await bridge.probe()

    alice.send("PRIVMSG #room :hello", "TOPIC #room :plans")
    await eventually(lambda: len(received.events) == 2)
    found = [await bridge.decode(it.payload, Plain()) for it in received.in_order()]
    assert isinstance(found[0], inbound.Message)
    assert (found[0].author.id, found[0].text) == ("nick:alice", "hello")
    assert isinstance(found[1], inbound.Topic)

    posted = await bridge.post(piece("one *two* `three`"), KnownNames())
    assert posted == "~m:0"
    assert await said(alice, "airchat") == "<wren> one \x1dtwo\x1d `three`"
    assert await bridge.find_sent(piece("one *two* `three`")) == posted
    await bridge.change(Topic("#room", WREN, "other plans"), KnownNames())
    assert (await alice.expect("TOPIC")).params[1] == "other plans"

    alice.send("KICK #room airchat :enough")
    await eventually(lambda: not bridge._rooms.joined())
    await stop(bridge, task)
    await alice.close()
