"""A unit of work: every noun of the store, within one transaction."""

from typing import Protocol

from store.ports.agents import Agents
from store.ports.approvals import Approvals
from store.ports.audit import Audit
from store.ports.channels import Channels
from store.ports.counterparts import Counterparts
from store.ports.credentials import Credentials
from store.ports.cursors import Cursors
from store.ports.events import Events
from store.ports.files import Files
from store.ports.guards import Guards
from store.ports.inbox import Inbox
from store.ports.machines import Machines
from store.ports.markers import Markers
from store.ports.messages import Messages
from store.ports.metadata import Metadata
from store.ports.people import People
from store.ports.principals import Principals
from store.ports.queues import Queues
from store.ports.relay import Relay
from store.ports.reservations import Reservations
from store.ports.search import Search
from store.ports.tasks import Tasks
from store.ports.usage import Usage
from store.ports.wakes import Wakes


class Unit(Protocol):
    """The nouns, all of one transaction (when writing) or one snapshot (when reading)."""

    @property
    def principals(self) -> Principals:
        """Principals of every kind."""
        ...

    @property
    def agents(self) -> Agents:
        """Agents and their cards."""
        ...

    @property
    def machines(self) -> Machines:
        """Machines and one-use codes."""
        ...

    @property
    def people(self) -> People:
        """People's accounts."""
        ...

    @property
    def credentials(self) -> Credentials:
        """Hashed keys, tokens and passwords."""
        ...

    @property
    def channels(self) -> Channels:
        """Channels and members."""
        ...

    @property
    def messages(self) -> Messages:
        """Messages and what hangs on them."""
        ...

    @property
    def search(self) -> Search:
        """The index over message texts."""
        ...

    @property
    def inbox(self) -> Inbox:
        """What waits for a principal."""
        ...

    @property
    def tasks(self) -> Tasks:
        """Tasks."""
        ...

    @property
    def approvals(self) -> Approvals:
        """What agents asked people's permission for."""
        ...

    @property
    def files(self) -> Files:
        """Descriptions of files."""
        ...

    @property
    def events(self) -> Events:
        """The log."""
        ...

    @property
    def audit(self) -> Audit:
        """The audit trail."""
        ...

    @property
    def guards(self) -> Guards:
        """Nonces and rate windows."""
        ...

    @property
    def relay(self) -> Relay:
        """What bridges must not forget."""
        ...

    @property
    def queues(self) -> Queues:
        """What waits on its way to or from platforms."""
        ...

    @property
    def counterparts(self) -> Counterparts:
        """Which message is which on a platform."""
        ...

    @property
    def cursors(self) -> Cursors:
        """Up to where devices have read the log."""
        ...

    @property
    def markers(self) -> Markers:
        """Up to when somebody has read."""
        ...

    @property
    def metadata(self) -> Metadata:
        """What clients keep on principals and channels."""
        ...

    @property
    def wakes(self) -> Wakes:
        """Which agents woke which."""
        ...

    @property
    def usage(self) -> Usage:
        """What agents used."""
        ...

    @property
    def reservations(self) -> Reservations:
        """Which files are whose for now."""
        ...
