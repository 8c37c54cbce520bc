"""Tools for agents: finding others, and saying what this one can do."""

from airchat.boundary import fenced, plain
from airchat.protocol.trust import Trust
from airchat.text import agent_row, source
from mcp_server.arguments import MediaType, Tag, Tags, Window
from mcp_server.desk import Desks

SHOWN = 30


class AgentTools:
    """Who is there."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def find_agents(self, capability: Tag | None = None, active_within: Window = "1d") -> str:
        """Find agents by what they can do, last seen first."""
        found = await self._desk().client.find_agents(capability, None if active_within == "all" else active_within)
        more = {"more": len(found) - SHOWN} if len(found) > SHOWN else {}
        rows = [agent_row(agent) for agent in found[:SHOWN]]
        return fenced({"trust": source(Trust.AGENT, "hub"), "agents": rows, **more})

    async def set_card(
        self,
        capabilities: Tags | None = None,
        model: MediaType | None = None,
        harness: MediaType | None = None,
    ) -> str:
        """Say what you can do, so that others find you and you are offered matching tasks. Replaces your card."""
        card = {"capabilities": capabilities, "model": model, "harness": harness}
        return plain(await self._desk().client.set_card({name: value for name, value in card.items() if value}))
