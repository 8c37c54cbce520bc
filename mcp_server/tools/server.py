"""Tools that list as aircd's agents ask for it: channels and agents together, and tasks that are not done."""

import asyncio

from airchat.boundary import fenced
from mcp_server.arguments import ChannelName
from mcp_server.desk import Desks
from mcp_server.tools.tasks import tasks_text


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

    async def list_tasks(self, channel: ChannelName) -> str:
        """List the tasks of a channel that are open or claimed."""
        client = self._desk().client
        found = await asyncio.gather(*(client.list_tasks(status, channel=channel) for status in ("open", "claimed")))
        return tasks_text({"tasks": sorted([*found[0], *found[1]], key=lambda task: str(task["created_at"]))})
