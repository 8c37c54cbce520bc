"""How a hook asks the hub: as the agent of this folder, briefly, without trying again."""

from datetime import UTC, datetime

from airchat.call import Row
from airchat.client import AirChatClient
from airchat.config import load_config
from airchat.transport import HttpTransport
from hooks import cooldown
from hooks.agent import Agent

SECONDS = 2.0
"""How long the hub may be silent."""
SKEW = 120.0
"""Seconds by which the hub's clock may be behind ours."""


def connect(agent: Agent, seconds: float = SECONDS, patience: float = 0.0) -> AirChatClient:
    """Return a client that acts as the agent."""
    config = load_config()
    transport = HttpTransport(config.web_url, seconds)
    return AirChatClient(config, project=agent.project, transport=transport, patience=patience)


def look(agent: Agent, client: AirChatClient) -> Row:
    """Return what waits for the agent; of its own finished tasks, those that no earlier look has shown."""
    moment, told = cooldown.last_look(agent)
    since = None if moment is None else datetime.fromtimestamp(moment - SKEW, UTC).isoformat()
    work = client.check_work(since)
    finished = work["completed_for_me"]
    cooldown.succeeded(agent, [row["id"] for row in finished])
    return {**work, "completed_for_me": [row for row in finished if row["id"] not in told]}
