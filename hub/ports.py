"""Where the hub is to listen, and what is said when a port there is taken."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hub.settings import Settings, SettingsError

Place = tuple[str, int, str]
"""A host, a port, and the setting that holds the port."""


def http_places(settings: Settings) -> list[Place]:
    """Return where the API is to listen."""
    http = settings.http
    return [(http.host, http.port, "http.port")] if http.enabled else []


def irc_places(settings: Settings) -> list[Place]:
    """Return where the IRC server is to listen."""
    irc = settings.irc
    places = [(irc.host, irc.port, "irc.port")]
    if irc.tls_cert is not None:
        places.append((irc.tls_host, irc.tls_port, "irc.tls_port"))
    if irc.websocket_port is not None:
        places.append((irc.websocket_host, irc.websocket_port, "irc.websocket_port"))
    return places if irc.enabled else []


def check_free(settings: Settings) -> None:
    """Do nothing when no port is taken: a hub of an older release that still runs must not find its data migrated.

    Blocks. What else is wrong with an address is said when the hub listens there.

    Raises:
        SettingsError: something listens at one.
    """
    for host, port, setting in [*http_places(settings), *irc_places(settings)]:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with suppress(OSError), named([(host, port, setting)]), socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))


@contextmanager
def named(places: list[Place]) -> Iterator[None]:
    """Say of an address in use, one of these, by which setting it is changed.

    Raises:
        SettingsError: something else listens there.
    """
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        where = " or ".join(f"{host}:{port}" for host, port, _ in places)
        keys = " or ".join(setting for *_, setting in places)
        raise SettingsError(f"{where} is taken; stop what listens there, or set another {keys}") from error
