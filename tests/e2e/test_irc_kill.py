"""A hub that dies as in a power cut while people talk by IRC: who comes back gets every line whose echo was seen."""

import asyncio
from pathlib import Path

import pytest

from bridges.irc.wire.lines import Line
from tests.bridges.irc.server import Client
from tests.hub_process import UNLIMITED, HubProcess, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

KILLS = 3
CAPS = ("batch", "message-tags", "echo-message")


class Person:
    """Somebody with one device, and every line of #work that reached it, by id in the order of arrival."""

    def __init__(self, hub: HubProcess, name: str) -> None:
        hub.command("people", "add", name)
        self.name = name
        self.heard: dict[str, str] = {}
        self.arrived: list[str] = []
        self._token = hub.admin("tokens", "create", name, "desk")["secret"]
        self._port = int(hub.env["AIRCHAT_HUB__IRC__PORT"])

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self._port, limit=2**20))
        client.send(f"PASS {self.name}@desk:{self._token}", "CAP LS 302", f"NICK {self.name}", "USER x 0 * :x")
        client.send(f"CAP REQ :{' '.join(CAPS)}", "CAP END", "JOIN #work")
        await client.expect("001")
        return client

    async def listen(self, client: Client) -> None:
        """Take note of what comes, and answer PINGs, until the connection ends."""
        try:
            while True:
                self.note(client, await client.read())
        except (EOFError, ConnectionError):
            return

    def note(self, client: Client, line: Line) -> None:
        if line.command == "PING":
            client.send(f"PONG :{line.params[0]}")
        elif line.command == "PRIVMSG":
            self.heard[line.tags["msgid"]] = line.params[1]
            self.arrived.append(line.params[1])


async def test_no_line_that_was_echoed_is_lost_when_the_hub_dies(tmp_path: Path) -> None:
    with HubProcess(tmp_path, UNLIMITED | {"IRC__PORT": str(free_port())}) as hub:
        ann, bob = Person(hub, "ann"), Person(hub, "bob")
        for one in (ann, bob):  # the first time a device comes, nothing is missed yet
            client = await one.connect()
            await client.expect("366")
            await client.close()
        for number in range(KILLS):
            await talk(hub, ann, bob, number)
        told = await bob.connect()
        for line in await told.sync():
            bob.note(told, line)
        await told.close()
    echoed = list(ann.heard.values())
    assert len(echoed) > 10 * KILLS
    assert [text for text in dict.fromkeys(bob.arrived) if text in set(echoed)] == echoed
    assert bob.heard.items() >= ann.heard.items()
    assert len(set(bob.heard.values())) == len(bob.heard)


async def talk(hub: HubProcess, ann: Person, bob: Person, number: int) -> None:
    """Let ann talk and bob listen until the hub dies of it; start it again."""
    speaker, listener = await ann.connect(), await bob.connect()
    listening = [asyncio.create_task(bob.listen(listener)), asyncio.create_task(ann.listen(speaker))]
    for line in range(400):
        speaker.send(f"PRIVMSG #work :{number}.{line}")
        await asyncio.sleep(0.002)
        if line == 300:
            hub.kill()
            break
    await asyncio.gather(*listening)
    for client in (speaker, listener):
        await client.close()
    hub.start()
