"""What is said when the hub cannot listen because a port is taken."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from hub.settings import SettingsError


@contextmanager
def named(where: str, setting: str) -> Iterator[None]:
    """Say of an address in use, `where`, by which setting it is changed.

    Raises:
        SettingsError: something else listens there.
    """
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(f"{where} is taken; stop what listens there, or set another {setting}") from error
