"""The tool that explains AirChat, with and without a working setup."""

from airchat import AirChatError
from mcp_server.desk import Desks
from mcp_server.failures import explain
from mcp_server.guide import HELP, SETUP_HELP


class HelpTools:
    """Guidance for an agent that is set up."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def airchat_help(self) -> str:
        """How to use AirChat: rules of conduct, channels, whether the hub can be reached. Call it first."""
        desk = self._desk()
        client = desk.client
        try:
            name = (await client.whoami())["agent"]["name"]
        except AirChatError as error:
            return HELP.format(name=client.agent_name, status=f"NOT CONNECTED: {explain(error)}")
        return HELP.format(name=name, status=f"Connected to {client.config.web_url}. {desk.push().text}.")


async def airchat_help() -> str:
    """How to set AirChat up on this machine."""
    return SETUP_HELP
