"""The rows of the in-memory store: one dictionary per table, and the journal that undoes a unit of work."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from airchat.protocol.approvals import Approval
from airchat.protocol.channels import Channel, Membership
from airchat.protocol.events import Event
from airchat.protocol.files import File
from airchat.protocol.inbox import InboxItem
from airchat.protocol.messages import Mention, Message, Reaction, Revision
from airchat.protocol.principals import Card, Credential, Machine, Principal
from airchat.protocol.reservations import Reservation
from airchat.protocol.tasks import Task
from airchat.protocol.usage import Tokens, Used
from store.errors import ReadOnly
from store.ports.audit import AuditEntry
from store.ports.counterparts import Mark, Pair
from store.ports.cursors import Cursor
from store.ports.machines import Invite
from store.ports.queues import Outgoing, Received
from store.ports.relay import BridgeState, Closed, Identity, Link, Wanted
from store.ports.wakes import Wake

Key = TypeVar("Key")
Row = TypeVar("Row")


class Journal:
    """How to take back what the running unit of work wrote. While none runs, nothing can be written."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] | None = None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Let the body write; undo all of it, last step first, when it raises."""
        steps = self._steps = []
        try:
            yield
        except BaseException:
            for undo in reversed(steps):
                undo()
            raise
        finally:
            self._steps = None

    def note(self, undo: Callable[[], object]) -> None:
        """Remember how to undo one step.

        Raises:
            ReadOnly: no unit of work is running: somebody writes through a snapshot.
        """
        if self._steps is None:
            raise ReadOnly("A snapshot cannot be written to")
        self._steps.append(undo)


class Table(Generic[Key, Row]):
    """Rows by key, in the order in which their keys were first put."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[Key, Row] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __getitem__(self, key: Key) -> Row:
        return self._rows[key]

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: Key) -> Row | None:
        """Return the row, or None."""
        return self._rows.get(key)

    def pick(self, keys: Iterable[Key]) -> list[Row]:
        """Return the rows that exist among these keys, each once, in the order of the keys."""
        return [self._rows[key] for key in dict.fromkeys(keys) if key in self._rows]

    def rows(self) -> list[Row]:
        """Return all rows; the list is the caller's."""
        return list(self._rows.values())

    def put(self, key: Key, row: Row) -> None:
        """Insert or replace a row."""
        if key in self._rows:
            before = self._rows[key]
            self._journal.note(lambda: self._rows.__setitem__(key, before))
        else:
            self._journal.note(lambda: self._rows.__delitem__(key))
        self._rows[key] = row

    def remove(self, key: Key) -> bool:
        """Remove the row; False when there is none."""
        if key not in self._rows:
            return False
        before = dict(self._rows)
        self._journal.note(lambda: setattr(self, "_rows", before))
        self._rows = {other: row for other, row in before.items() if other != key}
        return True

    def copy_from(self, other: "Table[Key, Row]") -> None:
        """Take over another table's rows, outside any unit of work."""
        self._rows = dict(other._rows)  # noqa: SLF001 - the same class


class Tables:
    """All tables of a store, with one journal. `readers` counts the snapshots that look at them."""

    def __init__(self) -> None:
        self.readers = 0
        self.journal = journal = Journal()
        self.principals: Table[str, Principal] = Table(journal)
        self.agents: Table[str, tuple[str | None, str | None, Card | None]] = Table(journal)
        self.people: Table[str, str | None] = Table(journal)
        self.machines: Table[str, Machine] = Table(journal)
        self.invites: Table[str, Invite] = Table(journal)
        self.credentials: Table[str, tuple[Credential, str]] = Table(journal)
        self.channels: Table[str, Channel] = Table(journal)
        self.channel_ids: Table[str, str] = Table(journal)
        self.memberships: Table[tuple[str, str], Membership] = Table(journal)
        self.messages: Table[str, Message] = Table(journal)
        self.numbers: Table[tuple[str, int], str] = Table(journal)
        self.seqs: Table[str, int] = Table(journal)
        self.keys: Table[tuple[str, str], str] = Table(journal)
        self.words: Table[str, tuple[str, ...]] = Table(journal)
        self.revisions: Table[tuple[str, int], Revision] = Table(journal)
        self.reactions: Table[tuple[str, str, str], Reaction] = Table(journal)
        self.mentions: Table[tuple[str, str], Mention] = Table(journal)
        self.inbox: Table[str, InboxItem] = Table(journal)
        self.inbox_subjects: Table[tuple[str, str, str], str] = Table(journal)
        self.tasks: Table[str, Task] = Table(journal)
        self.approvals: Table[str, Approval] = Table(journal)
        self.files: Table[str, File] = Table(journal)
        self.file_keys: Table[tuple[str, str], str] = Table(journal)
        self.events: Table[int, Event] = Table(journal)
        self.audit: Table[int, AuditEntry] = Table(journal)
        self.nonces: Table[str, int] = Table(journal)
        self.hits: Table[tuple[str, str], tuple[int, ...]] = Table(journal)
        self.links: Table[str, Link] = Table(journal)
        self.received: Table[tuple[str, str], tuple[Received, int | None]] = Table(journal)
        self.outgoing: Table[tuple[str, int], Outgoing] = Table(journal)
        self.wanted: Table[str, Wanted] = Table(journal)
        self.bridge_states: Table[str, BridgeState] = Table(journal)
        self.closed: Table[tuple[str, str], Closed] = Table(journal)
        self.marks: Table[tuple[str, str, str, str], Mark] = Table(journal)
        self.relay_cursor: Table[None, int] = Table(journal)
        self.pairs: Table[tuple[str, str], Pair] = Table(journal)
        self.identities: Table[tuple[str, str, str], Identity] = Table(journal)
        self.cursors: Table[tuple[str, str], Cursor] = Table(journal)
        self.markers: Table[tuple[str, str], int] = Table(journal)
        self.metadata: Table[tuple[str, str], str] = Table(journal)
        self.wakes: Table[tuple[str, str], Wake] = Table(journal)
        self.guard_marks: Table[str, int] = Table(journal)
        self.guard_notices: Table[tuple[str, str], int] = Table(journal)
        self.reservations: Table[str, Reservation] = Table(journal)
        self.usage: Table[str, Used] = Table(journal)
        self.usage_sessions: Table[tuple[str, str, str], tuple[Tokens, int]] = Table(journal)

    def copy(self) -> "Tables":
        """Return tables with the same rows that share nothing else."""
        twin = Tables()
        for name, table in vars(self).items():
            if isinstance(table, Table):
                getattr(twin, name).copy_from(table)
        return twin

    def may_see(self, channel_id: str, principal_id: str) -> bool:
        """Tell whether the channel is not private, or the principal is in it."""
        return not self.channels[channel_id].private or (channel_id, principal_id) in self.memberships
