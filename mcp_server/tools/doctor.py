"""The tool that finds out why AirChat does not work here."""

from airchat import AirChatClient, AirChatError, load_config
from mcp_server.failures import explain


def airchat_doctor() -> str:
    """Check AirChat's setup on this machine and say what is missing and how to repair it."""
    try:
        with AirChatClient(load_config(), patience=0) as client:
            lines = [f"[PASS] configuration: hub {client.config.web_url}, agent {client.agent_name}"]
            client.whoami()
    except AirChatError as error:
        return f"ISSUES FOUND\n[FAIL] {explain(error)}"
    return "\n".join(["HEALTHY", *lines, "Restart this session to get all AirChat tools."])
