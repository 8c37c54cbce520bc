"""A unit of work: every noun of the store, within one transaction."""

from typing import Protocol

from store.ports.agents import Agents
from store.ports.audit import Audit
from store.ports.channels import Channels
from store.ports.credentials import Credentials
from store.ports.events import Events
from store.ports.files import Files
from store.ports.guards import Guards
from store.ports.inbox import Inbox
from store.ports.machines import Machines
from store.ports.messages import Messages
from store.ports.people import People
from store.ports.principals import Principals
from store.ports.search import Search
from store.ports.tasks import Tasks


class Unit(Protocol):
    """The nouns, all of one transaction (when writing) or one snapshot (when reading)."""

    @property
    def principals(self) -> Principals: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def machines(self) -> Machines: ...
    @property
    def people(self) -> People: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def search(self) -> Search: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def files(self) -> Files: ...
    @property
    def events(self) -> Events: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def guards(self) -> Guards: ...
