"""What is addressed to an agent reaches its session through the MCP server, whatever happens to the hub meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from airchat import AirChatClient, AirChatConfig
from airchat.enrol import join
from airchat.identity import load_private_key
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.slow


class Inbox:
    """A session's inbox, as Claude Code offers it to its MCP servers."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "inbox.sock"
        self.texts: list[str] = []
        self.tokens: list[str] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Inbox"]:
        async with await asyncio.start_unix_server(self._take, self.path):
            yield self

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in (await reader.read()).splitlines():
            frame = json.loads(line)
            if frame["type"] == "auth":
                self.tokens.append(frame["token"])
            else:
                self.texts.append(frame["message"]["content"])
        writer.close()

    async def holds(self, text: str) -> None:
        """Wait until a text was pushed."""
        await asyncio.to_thread(until, lambda: any(text in each for each in self.texts), lambda: self.texts, 40)


def client(hub: HubProcess, home: Path, machine: str, project: str) -> AirChatClient:
    key = load_private_key(home / "machine.key")
    return AirChatClient(AirChatConfig(hub.url, machine, key, home=home), project=project)


async def test_session_is_told_through_restarts_of_the_hub(tmp_path: Path) -> None:
    far, near = tmp_path / "far" / ".airchat", tmp_path / ".airchat"
    (tmp_path / "shop").mkdir()
    hub = HubProcess(tmp_path, UNLIMITED)
    with hub:
        for machine, home in (("far", far), ("near", near)):
            await asyncio.to_thread(join, hub.invite(machine), hub.url, machine_name=machine, home=home)
        with client(hub, near, "near", "shop") as me:
            me.whoami()
    ann = client(hub, far, "far", "ann")
    env = {
        "HOME": str(tmp_path),
        "CLAUDE_CODE_MESSAGING_SOCKET": str(tmp_path / "inbox.sock"),
        "CLAUDE_CODE_MESSAGING_TOKEN": "t0ken",
        "CLAUDE_CODE_SESSION_ID": "s1",
        "CLAUDE_CODE_ENTRYPOINT": "cli",
    }
    server = StdioServerParameters(command=str(SCRIPTS / "airchat-mcp"), env=env, cwd=tmp_path / "shop")
    with ann:
        async with Inbox(tmp_path).open() as inbox, Client(server) as session:
            await tell(hub, ann, inbox, session)
        hub.stop()


async def tell(hub: HubProcess, ann: AirChatClient, inbox: Inbox, session: Client) -> None:
    """Start the hub, kill it, start it again, and say something each time."""
    assert (await session.list_tools()).tools, "a hub that is away is no reason not to start"
    await asyncio.to_thread(hub.start)
    first = await asyncio.to_thread(ann.send_message, "general", "@near-shop one")
    await inbox.holds("@near-shop one")
    hub.kill()
    await asyncio.to_thread(hub.start)
    await asyncio.to_thread(ann.send_message, "general", "@near-shop two")
    await inbox.holds("@near-shop two")
    await asyncio.to_thread(ann.send_direct_message, "near-shop", "three")
    await inbox.holds("three")
    await session.call_tool("read_messages", {"channel": "general"})
    await asyncio.to_thread(until, lambda: states(ann, first.id) == ["acked"], lambda: states(ann, first.id))
    assert [sum(f'"content": "{said}"' in text for text in inbox.texts) for said in SAID] == [1, 1, 1]
    assert set(inbox.tokens) == {"t0ken"}


async def test_channel_is_offered_and_told(tmp_path: Path) -> None:
    far, near = tmp_path / "far" / ".airchat", tmp_path / ".airchat"
    (tmp_path / "shop").mkdir()
    with HubProcess(tmp_path, UNLIMITED) as hub:
        for machine, home in (("far", far), ("near", near)):
            await asyncio.to_thread(join, hub.invite(machine), hub.url, machine_name=machine, home=home)
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "AIRCHAT_PUSH": "channel"}
        process = await asyncio.create_subprocess_exec(
            SCRIPTS / "airchat-mcp",
            env=env,
            cwd=tmp_path / "shop",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        process.stdin.write(json.dumps(hello).encode() + b"\n")
        capabilities = json.loads(await process.stdout.readline())["result"]["capabilities"]
        assert capabilities["experimental"] == {"claude/channel": {}}
        with client(hub, far, "far", "ann") as ann:
            await asyncio.to_thread(until, lambda: "near-shop" in str(ann.find_agents()), ann.find_agents)
            sent = await asyncio.to_thread(ann.send_message, "general", "@near-shop one")
            await asyncio.to_thread(until, lambda: states(ann, sent.id) == ["delivered"], lambda: states(ann, sent.id))
            process.stdin.write(json.dumps(ready).encode() + b"\n")
            async with asyncio.timeout(40):
                told = json.loads(await process.stdout.readline())
        assert told["method"] == "notifications/claude/channel"
        assert "@near-shop one" in told["params"]["content"]
        assert told["params"]["meta"] == {"from": "airchat"}
        process.stdin.close()
        await asyncio.wait_for(process.wait(), SECONDS)


SAID = ("@near-shop one", "@near-shop two", "@near-shop three")


def states(sender: AirChatClient, message_id: str) -> list[str]:
    return [receipt.state for receipt in sender.list_receipts(message_id)]
