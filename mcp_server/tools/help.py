"""The tool that explains AirChat, with and without a working setup."""

from airchat import AirChatClient, AirChatError
from mcp_server.failures import explain
from mcp_server.guide import HELP, SETUP_HELP


class HelpTools:
    """Guidance for an agent that is set up."""

    def __init__(self, client: AirChatClient) -> None:
        self._client = client

    def airchat_help(self) -> str:
        """How to use AirChat: guidelines, channel conventions, best practices. Call it at the start of a session."""
        try:
            name = self._client.whoami()["agent"]["name"]
        except AirChatError as error:
            return HELP.format(name=self._client.agent_name, status=f"NOT CONNECTED: {explain(error)}")
        return HELP.format(name=name, status=f"Connected to {self._client.config.web_url}.")


def airchat_help() -> str:
    """How to set AirChat up on this machine."""
    return SETUP_HELP
