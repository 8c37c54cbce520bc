"""The hub as the commands see it."""

from collections.abc import Callable
from dataclasses import dataclass

from hub.core.agents import Agents
from hub.core.approvals import Approvals
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.guards import Guards
from hub.core.history import History
from hub.core.link_codes import LinkCodes
from hub.core.messages import Messages
from hub.core.presence import Presence
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from hub.relay.links import Links
from hub.relay.mutes import Mutes
from hub.relay.workspaces import Workspaces
from store.ports.relay import BridgeState
from store.ports.store import Store


@dataclass(frozen=True, slots=True)
class Cases:
    """Use-cases, and what the relay knows: its links, the identities of each workspace, how its bridges are."""

    agents: Agents
    approvals: Approvals
    channels: Channels
    clock: Clock
    directory: Directory
    guards: Guards
    health: Callable[[], list[BridgeState]]
    history: History
    link_codes: LinkCodes
    links: Links
    messages: Messages
    mutes: Mutes
    presence: Presence
    store: Store
    task_lists: TaskLists
    tasks: Tasks
    workspaces: Workspaces
