"""People over SQL."""

from store.ports.people import Person
from store.sql.nouns.principals import principal_of
from store.sql.session import Session


class SqlPeople:
    """Implements `store.ports.people.People`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def save(self, principal_id: str, email: str | None) -> None:
        """See the port."""
        await self._session.execute("people.save", principal_id, email)

    async def get(self, principal_id: str) -> Person | None:
        """See the port."""
        row = await self._session.fetch_one("people.get", principal_id)
        return None if row is None else Person(principal_of(row), row["email"])

    async def all(self) -> list[Person]:
        """See the port."""
        return [Person(principal_of(row), row["email"]) for row in await self._session.fetch("people.all")]
