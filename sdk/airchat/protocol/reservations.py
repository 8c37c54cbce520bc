"""Reservations: files of a project that one agent changes for a while, and others leave alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reservation:
    """Until `expires_at`, nobody but its holder changes the files of the project that the pattern covers."""

    id: str
    project: str
    pattern: str
    agent_id: str
    agent_name: str
    lease_seconds: int
    created_at: int
    expires_at: int
    purpose: str | None = None
