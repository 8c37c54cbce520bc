"""What a store raises beside the hub's own errors.

    StoreError
    ├── SchemaTooNew     the data belongs to a newer release
    ├── SchemaChanged    an applied migration differs from the shipped one
    └── UnknownStore     no adapter is installed for a URL's scheme
"""


class StoreError(Exception):
    """Base of the errors that stop a store from opening."""


class SchemaTooNew(StoreError):
    """The data was migrated by a newer release that older ones must not write to; upgrade the hub."""


class SchemaChanged(StoreError):
    """A migration that was applied differs from the one shipped."""


class UnknownStore(StoreError):
    """No adapter is installed for the URL's scheme."""
