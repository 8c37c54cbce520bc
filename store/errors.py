"""What a store raises beside the hub's own errors.

StoreError
├── SchemaTooNew     the data belongs to a newer release
├── SchemaChanged    an applied migration differs from the shipped one
├── NoBackup         the store does not make backups itself
├── UnknownStore     no adapter is installed for a URL's scheme
├── LeadLost         another process may hold now what this one held alone
├── TransactionLost  the database gave up a transaction; callers of the store see `Unavailable`
└── ReadOnly         a reading unit of work tried to write
"""


class StoreError(Exception):
    """Base of the errors of a store."""


class SchemaTooNew(StoreError):
    """The data was migrated by a newer release that older ones must not write to; upgrade the hub."""


class SchemaChanged(StoreError):
    """A migration that was applied differs from the one shipped."""


class UnknownStore(StoreError):
    """No adapter is installed for the URL's scheme."""


class TransactionLost(StoreError):
    """The database gave up the whole transaction: a full disk, a lost server, a lock held too long."""


class LeadLost(StoreError):
    """A name that this process held alone may be held by another one now."""


class ReadOnly(StoreError):
    """A unit of work that was opened for reading tried to write."""


class NoBackup(StoreError):
    """The store does not make backups; the text says what does."""
