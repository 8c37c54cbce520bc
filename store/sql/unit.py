"""A unit of work over SQL."""

from airchat.protocol.events import Event
from store.sql.nouns.agents import SqlAgents
from store.sql.nouns.approvals import SqlApprovals
from store.sql.nouns.audit import SqlAudit
from store.sql.nouns.channels import SqlChannels
from store.sql.nouns.counterparts import SqlCounterparts
from store.sql.nouns.credentials import SqlCredentials
from store.sql.nouns.cursors import SqlCursors
from store.sql.nouns.events import SqlEvents
from store.sql.nouns.files import SqlFiles
from store.sql.nouns.guards import SqlGuards
from store.sql.nouns.inbox import SqlInbox
from store.sql.nouns.machines import SqlMachines
from store.sql.nouns.markers import SqlMarkers
from store.sql.nouns.messages import SqlMessages
from store.sql.nouns.metadata import SqlMetadata
from store.sql.nouns.people import SqlPeople
from store.sql.nouns.principals import SqlPrincipals
from store.sql.nouns.queues import SqlQueues
from store.sql.nouns.relay import SqlRelay
from store.sql.nouns.reservations import SqlReservations
from store.sql.nouns.search import SqlSearch, Syntax
from store.sql.nouns.tasks import SqlTasks
from store.sql.nouns.usage import SqlUsage
from store.sql.nouns.wakes import SqlWakes
from store.sql.session import Session


class SqlUnit:
    """Implements `store.ports.unit.Unit`; `logged` collects the events of its transaction."""

    def __init__(self, session: Session, syntax: Syntax) -> None:
        self.logged: list[Event] = []
        self.principals = SqlPrincipals(session)
        self.agents = SqlAgents(session)
        self.machines = SqlMachines(session)
        self.people = SqlPeople(session)
        self.credentials = SqlCredentials(session)
        self.channels = SqlChannels(session)
        self.events = SqlEvents(session, self.logged)
        self.search = SqlSearch(session, syntax)
        self.messages = SqlMessages(session, self.events, self.search)
        self.inbox = SqlInbox(session)
        self.tasks = SqlTasks(session)
        self.approvals = SqlApprovals(session)
        self.files = SqlFiles(session, self.events)
        self.audit = SqlAudit(session)
        self.guards = SqlGuards(session)
        self.relay = SqlRelay(session)
        self.queues = SqlQueues(session)
        self.counterparts = SqlCounterparts(session)
        self.cursors = SqlCursors(session)
        self.markers = SqlMarkers(session)
        self.metadata = SqlMetadata(session)
        self.wakes = SqlWakes(session)
        self.usage = SqlUsage(session)
        self.reservations = SqlReservations(session)
