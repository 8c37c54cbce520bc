"""The hub as the IRC server sees it: the use-cases that its commands call."""

from dataclasses import dataclass

from hub.core.accounts import Accounts
from hub.core.approvals import Approvals
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.credentials import Credentials
from hub.core.cursors import Cursors
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.files import Files
from hub.core.guards import Guards
from hub.core.guests import Guests
from hub.core.history import History
from hub.core.markers import Markers
from hub.core.messages import Messages
from hub.core.metadata import Metadata
from hub.core.moderation import Moderation
from hub.core.presence import Presence
from hub.core.reactions import Reactions
from hub.core.search import Search
from hub.core.signups import Signups
from hub.core.tags import Tags
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Hub:
    """Use-cases, one attribute per noun."""

    accounts: Accounts
    approvals: Approvals
    bus: EventBus
    channels: Channels
    clock: Clock
    credentials: Credentials
    cursors: Cursors
    directory: Directory
    files: Files
    guards: Guards
    guests: Guests
    history: History
    markers: Markers
    messages: Messages
    metadata: Metadata
    moderation: Moderation
    presence: Presence
    reactions: Reactions
    search: Search
    signups: Signups | None
    tags: Tags
    task_lists: TaskLists
    tasks: Tasks
