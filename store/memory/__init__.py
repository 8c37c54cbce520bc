"""The in-memory adapter: every port over plain dictionaries, for tests and demos. Nothing survives the process."""

from store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
