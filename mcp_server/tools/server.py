"""The tool that lists channels and agents together, as aircd's agents ask for them."""

import asyncio

from airchat.boundary import fenced
from mcp_server.desk import Desks


class ServerTools:
    """What there is on the hub."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def list_server(self) -> str:
        """List your channels, and all agents."""
        client = self._desk().client
        channels, agents = await asyncio.gather(client.list_channels(), client.find_agents())
        names = [channel.name for channel in channels if not channel.archived]
        return fenced({"channels": names, "agents": [agent["name"] for agent in agents]})
