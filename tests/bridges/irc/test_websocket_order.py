"""What is said by WebSocket is seen by whoever asks after it, whichever way they came."""

from pathlib import Path

import aiohttp
import pytest

from tests.bridges.irc.server import running_irc_server
from tests.hub_process import free_port

_TIMES = 20


@pytest.mark.slow
async def test_ping_by_tcp_waits_for_what_was_said_by_websocket_just_before(tmp_path: Path) -> None:
    port = free_port()
    async with running_irc_server(tmp_path, websocket_port=port) as irc, aiohttp.ClientSession() as http:
        ann = await irc.client("ann")
        async with http.ws_connect(f"http://127.0.0.1:{port}/", protocols=["text.ircv3.net"]) as bob:
            for line in ("NICK bob", "USER bob 0 * :bob", "PING ready"):
                await bob.send_str(line)
            while "PONG" not in (await bob.receive_str()):
                pass
            for number in range(_TIMES):
                await bob.send_str(f"PRIVMSG ann :{number}")  # both are in the kernel before the server reads either
                assert [line.params[-1] for line in await ann.sync()] == [str(number)]


async def test_history_without_a_line_is_no_empty_message(tmp_path: Path) -> None:
    port = free_port()
    async with running_irc_server(tmp_path, websocket_port=port) as irc, aiohttp.ClientSession() as http:
        ann = await irc.client("ann")
        await ann.join("#work")
        async with http.ws_connect(f"http://127.0.0.1:{port}/", protocols=["text.ircv3.net"]) as bob:
            for line in ("CAP REQ :batch draft/chathistory", "NICK bob", "USER bob 0 * :bob", "CAP END", "JOIN #work"):
                await bob.send_str(line)
            for line in ("CHATHISTORY LATEST #work * 10", "PING ready"):
                await bob.send_str(line)
            heard = [await bob.receive_str()]
            while " PONG " not in heard[-1]:
                heard.append(await bob.receive_str())
    assert "" not in heard
    assert len([line for line in heard if " BATCH " in line]) == 2
