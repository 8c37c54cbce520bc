"""Bringing what is known of a project's reserved files up to date, for the guard to read."""

import json
from datetime import datetime
from pathlib import Path

from airchat.client import AirChatClient
from airchat.errors import AirChatNotFound
from airchat.identity import make_private_folder, write_private
from hooks import copy, hub
from hooks.agent import Agent, find_agent


def refresh() -> None:
    """Ask the hub, and write down what it says."""
    agent = find_agent()
    if agent is not None:
        with hub.connect(agent, seconds=10.0) as client:
            fetch(agent, client)


def fetch(agent: Agent, client: AirChatClient) -> None:
    """Write down which files of the agent's project are reserved.

    Raises:
        AirChatError: the hub did not answer; what was known stays.
    """
    try:
        found = client.list_reservations(agent.project)
    except AirChatNotFound:  # a hub that knows no reservations
        found = []
    known = [
        {
            "pattern": one.pattern,
            "holder": one.agent_name,
            "until": datetime.fromisoformat(one.expires_at).timestamp(),
        }
        for one in found
    ]
    path = Path(copy.path(agent))
    make_private_folder(path.parent)
    write_private(path, json.dumps(known))
