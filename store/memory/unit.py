"""Every noun of the in-memory store over one set of tables."""

from store.memory.agents import MemoryAgents
from store.memory.approvals import MemoryApprovals
from store.memory.audit import MemoryAudit
from store.memory.channels import MemoryChannels
from store.memory.counterparts import MemoryCounterparts
from store.memory.credentials import MemoryCredentials
from store.memory.cursors import MemoryCursors
from store.memory.events import MemoryEvents
from store.memory.files import MemoryFiles
from store.memory.guards import MemoryGuards
from store.memory.inbox import MemoryInbox
from store.memory.machines import MemoryMachines
from store.memory.markers import MemoryMarkers
from store.memory.messages import MemoryMessages
from store.memory.metadata import MemoryMetadata
from store.memory.people import MemoryPeople
from store.memory.principals import MemoryPrincipals
from store.memory.queues import MemoryQueues
from store.memory.relay import MemoryRelay
from store.memory.reservations import MemoryReservations
from store.memory.search import MemorySearch
from store.memory.tables import Tables
from store.memory.tasks import MemoryTasks
from store.memory.usage import MemoryUsage
from store.memory.wakes import MemoryWakes


class MemoryUnit:
    """The nouns of one unit of work or snapshot."""

    def __init__(self, tables: Tables) -> None:
        self.principals = MemoryPrincipals(tables)
        self.agents = MemoryAgents(tables)
        self.machines = MemoryMachines(tables)
        self.people = MemoryPeople(tables)
        self.credentials = MemoryCredentials(tables)
        self.channels = MemoryChannels(tables)
        self.messages = MemoryMessages(tables)
        self.search = MemorySearch(tables)
        self.inbox = MemoryInbox(tables)
        self.tasks = MemoryTasks(tables)
        self.approvals = MemoryApprovals(tables)
        self.files = MemoryFiles(tables)
        self.events = MemoryEvents(tables)
        self.audit = MemoryAudit(tables)
        self.guards = MemoryGuards(tables)
        self.relay = MemoryRelay(tables)
        self.queues = MemoryQueues(tables)
        self.counterparts = MemoryCounterparts(tables)
        self.cursors = MemoryCursors(tables)
        self.markers = MemoryMarkers(tables)
        self.metadata = MemoryMetadata(tables)
        self.wakes = MemoryWakes(tables)
        self.usage = MemoryUsage(tables)
        self.reservations = MemoryReservations(tables)
