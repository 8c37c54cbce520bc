"""People in memory."""

from store.memory.tables import Tables
from store.ports.people import Person


class MemoryPeople:
    """See `store.ports.people.People`."""

    def __init__(self, tables: Tables) -> None:
        self._people = tables.people
        self._principals = tables.principals

    async def save(self, principal_id: str, email: str | None) -> None:
        """Insert or replace a person's details."""
        self._people.put(principal_id, email)

    async def get(self, principal_id: str) -> Person | None:
        """Return the person with that id."""
        if principal_id not in self._people:
            return None
        return Person(self._principals[principal_id], self._people[principal_id])

    async def all(self) -> list[Person]:
        """Return everybody with an account, by name."""
        everybody = sorted(self._principals.rows(), key=lambda row: row.name)
        return [Person(row, self._people[row.id]) for row in everybody if row.id in self._people]
