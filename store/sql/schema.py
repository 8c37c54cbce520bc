"""Brings a database's schema up to date, and tells how far it is."""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from store.errors import SchemaChanged, SchemaTooNew
from store.ports.store import SchemaStatus
from store.sql.queries import Dialect
from store.sql.session import Session

_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z_]+)(?:\.(?P<dialect>sqlite|postgres))?\.sql")
_COMPAT = re.compile(r"^-- compat: (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. A release can work with a schema whose newest `compat` is at most its own latest number."""

    number: int
    name: str
    compat: int
    sql: str

    @property
    def label(self) -> str:
        """What it is called, as its files are."""
        return f"{self.number:04}_{self.name}"

    @property
    def checksum(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


class SchemaSession(Session, Protocol):
    """A transaction that may also run a script of several statements."""

    async def script(self, sql: str) -> None:
        """Run the statements."""
        ...


def load_migrations(dialect: Dialect) -> list[Migration]:
    """Return the shipped steps of a dialect in order; the shared part of a step names its compat version."""
    parts: dict[tuple[int, str], list[str]] = {}
    # A shared file sorts before its dialect's own part.
    folder = sorted(
        files("store.sql").joinpath("migrations").iterdir(), key=lambda entry: entry.name.removesuffix(".sql")
    )
    for entry in folder:
        match = _FILE.fullmatch(entry.name)
        if match and match["dialect"] in (None, dialect):
            parts.setdefault((int(match["number"]), match["name"]), []).append(entry.read_text(encoding="utf-8"))
    return [_migration(number, name, "\n".join(texts)) for (number, name), texts in sorted(parts.items())]


def _migration(number: int, name: str, sql: str) -> Migration:
    compat = _COMPAT.search(sql)
    return Migration(number, name, int(compat[1]) if compat else number, sql)


async def schema_status(session: Session, migrations: list[Migration]) -> SchemaStatus:
    """Compare what was applied with what is shipped.

    Raises:
        SchemaTooNew: a step this release does not know says that it cannot work with it.
        SchemaChanged: the text of an applied step is not the shipped one.
    """
    latest = migrations[-1].number if migrations else 0
    if await session.fetch_one("schema.exists") is None:
        return SchemaStatus(0, latest, tuple(step.label for step in migrations))
    applied = {row["number"]: row for row in await session.fetch("schema.applied")}
    newest = applied[max(applied)] if applied else None
    if newest is not None and newest["compat"] > latest:
        raise SchemaTooNew(
            f"The data was migrated to step {newest['number']} by a newer release; this one knows {latest} steps. "
            "Upgrade the hub."
        )
    for step in migrations:
        row = applied.get(step.number)
        if row is not None and row["checksum"] != step.checksum:
            raise SchemaChanged(
                f"Migration {step.number} ({step.name}) was applied in another form than the shipped one."
            )
    pending = tuple(step.label for step in migrations if step.number not in applied)
    return SchemaStatus(0 if newest is None else newest["number"], latest, pending)


async def migrate(session: SchemaSession, migrations: list[Migration], at: int) -> SchemaStatus:
    """Apply what is missing, within the caller's transaction; return the status from before.

    Raises:
        SchemaTooNew, SchemaChanged: as in `schema_status`; nothing is applied then.
    """
    status = await schema_status(session, migrations)
    if status.current == 0 and status.pending:
        await session.execute("schema.create")
    for step in migrations:
        if step.label in status.pending:
            await session.script(step.sql)
            await session.execute("schema.record", step.number, step.name, step.checksum, at, step.compat)
    return status
