"""Whether it works from here: the agent registers, writes to itself and reads that, and its MCP server offers tools."""

import asyncio
import os
import secrets
from collections.abc import Iterator

from airchat.client import AirChatClient
from airchat.doctor import Finding, Level
from airchat.errors import AirChatError
from hooks.installer.programs import MCP, find_program

SECONDS = 30.0


def try_out(client: AirChatClient) -> Iterator[Finding]:
    """Try it step by step; ends at the first that fails."""
    try:
        me = client.whoami()["agent"]["name"]
        yield Finding(Level.OK, f"You are known to the hub as @{me}")
        yield _exchange(client, me)
    except AirChatError as error:
        yield Finding(Level.FAILURE, str(error), error.repair or "Run: airchat doctor")
        return
    yield _tools()


def _exchange(client: AirChatClient, me: str) -> Finding:
    """Send a message that nobody else can see, read it, and delete it."""
    text = f"airchat setup was here: {secrets.token_hex(4)}"
    sent = client.send_direct_message(me, text)
    found = client.get_message(sent.id)
    client.delete_message(sent.id)
    if text not in found["message"]["content"]:
        return Finding(Level.FAILURE, "A message came back changed", "See the hub's log.")
    return Finding(Level.OK, "A message to yourself was sent, read and deleted")


def _tools() -> Finding:
    try:
        names = asyncio.run(asyncio.wait_for(_list_tools(find_program(MCP)), SECONDS))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the user needs to know
        why = str(error) or type(error).__name__
        return Finding(Level.FAILURE, f"The MCP server does not answer: {why}", "Run: airchat doctor")
    if "send_message" not in names:
        return Finding(Level.FAILURE, "The MCP server is not configured: it offers help only", "Run: airchat doctor")
    return Finding(Level.OK, f"The MCP server offers {len(names)} tools")


async def _list_tools(program: str) -> list[str]:
    from mcp import Client, StdioServerParameters  # noqa: PLC0415 - slow import

    ours = {key: value for key, value in os.environ.items() if key.startswith("AIRCHAT_") or key == "MACHINE_NAME"}
    server = StdioServerParameters(command=program, env=ours)
    async with Client(server) as client:
        return [tool.name for tool in (await client.list_tools()).tools]
