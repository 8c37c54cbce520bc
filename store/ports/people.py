"""Port: what is known of people beside their principal."""

from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.principals import Principal


@dataclass(frozen=True, slots=True)
class Person:
    """A human with an account."""

    principal: Principal
    email: str | None = None


class People(Protocol):
    """People details."""

    async def save(self, principal_id: str, email: str | None) -> None:
        """Insert or replace a person's details; the principal must exist."""
        ...

    async def get(self, principal_id: str) -> Person | None:
        """Return the person with that id."""
        ...

    async def all(self) -> list[Person]:
        """Return everybody with an account, by name."""
        ...
