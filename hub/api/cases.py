"""The use-cases that the endpoints call, as the composition root hands them over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.api.stream import Streams
from hub.core.accounts import Accounts
from hub.core.agents import Agents
from hub.core.approvals import Approvals
from hub.core.audit import Audit
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
from hub.core.inbox import Inbox
from hub.core.janitor import Janitor
from hub.core.link_codes import LinkCodes
from hub.core.machines import Machines
from hub.core.markers import Markers
from hub.core.mentions import Mentions
from hub.core.messages import Messages
from hub.core.metadata import Metadata
from hub.core.moderation import Moderation
from hub.core.people import People
from hub.core.pins import Pins
from hub.core.presence import Presence
from hub.core.reactions import Reactions
from hub.core.registration import Registration
from hub.core.reservations import Reservations
from hub.core.search import Search
from hub.core.signups import Signups
from hub.core.tags import Tags
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from hub.core.usage import Usages
from hub.relay.bridges import Bridges


@dataclass(frozen=True, slots=True)
class UseCases:
    """One of each."""

    accounts: Accounts
    agents: Agents
    approvals: Approvals
    audit: Audit
    bridges: Bridges
    bus: EventBus
    channels: Channels
    credentials: Credentials
    cursors: Cursors
    directory: Directory
    files: Files
    guards: Guards
    guests: Guests
    history: History
    inbox: Inbox
    link_codes: LinkCodes
    janitor: Janitor
    machines: Machines
    markers: Markers
    mentions: Mentions
    messages: Messages
    metadata: Metadata
    moderation: Moderation
    people: People
    pins: Pins
    presence: Presence
    reactions: Reactions
    registration: Registration
    reservations: Reservations
    search: Search
    signups: Signups | None
    streams: Streams
    tags: Tags
    task_lists: TaskLists
    tasks: Tasks
    usages: Usages
    clock: Clock
    ready: Callable[[], Awaitable[bool]]
