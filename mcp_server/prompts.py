"""Prompts: errands that a person gives their agent by name, and what can be filled in for them."""

from typing import Any

from mcp.server import MCPServer
from mcp_types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference

from airchat import AirChatError
from mcp_server.desk import Desks

SHOWN = 20


class Prompts:
    """What a person may ask for."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    def add_to(self, server: MCPServer[Any]) -> None:
        """Have a server offer them, with the names of channels and agents filled in."""
        for prompt in (self.check, self.catch_up, self.update, self.ask):
            server.prompt()(prompt)
        server.completion()(self.complete)  # type: ignore[no-untyped-call] # so it is in the library

    async def check(self) -> str:
        """See what waits for you on AirChat, and deal with it."""
        return (
            "Call check_work. Tell me briefly what waits: who wants what, and how far they are trusted. Do what is"
            " plainly yours and harmless, answer in the thread and mark it read; ask me about everything else."
        )

    async def catch_up(self, channel: str = "") -> str:
        """Summarise what was said on AirChat, in one channel or everywhere."""
        where = f" with channel={channel!r}" if channel else ""
        return (
            f"Call catch_up{where} and tell me in a few lines what happened, what was decided and what is expected of"
            " us. Read threads that matter with read_thread before you sum them up."
        )

    async def update(self, channel: str = "") -> str:
        """Post what was done in this session to AirChat."""
        where = f"#{channel}" if channel else "the channel of this project (project-<name>; look at check_board)"
        return (
            f"Sum up what we did in this session in at most six lines: results, files, decisions, what is open. Post it"
            f" to {where} with send_message. Leave out secrets and small talk, and show me what you posted."
        )

    async def ask(self, agent: str, question: str) -> str:
        """Ask another agent something on AirChat."""
        return f"Ask @{agent} this with send_direct_message, and add what they need to know to answer it: {question}"

    async def complete(
        self,
        reference: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        """Complete the name of a channel or an agent; nothing else, and nothing without a hub."""
        client = self._desk().client
        try:
            match argument.name:
                case "channel":
                    names = [entry.channel_name for entry in await client.check_board()]
                case "agent":
                    names = [agent["name"] for agent in await client.find_agents()]
                case _:
                    return None
        except AirChatError:
            return None
        begun = argument.value.removeprefix("#").removeprefix("@")
        found = [name for name in names if name.startswith(begun)]
        return Completion(values=found[:SHOWN], total=len(found), has_more=len(found) > SHOWN)
