"""The `aircd` command: a hub that serves IRC alone, set up by aircd's variables.

    AIRCD_BIND                  where clients connect in the clear (127.0.0.1:6667)
    AIRCD_DB                    the database, an SQLite file (aircd.sqlite3); what else is kept is in FILE.state
    AIRCD_TASK_LEASE_SECONDS    for how long a task is claimed (300)
    AIRCD_TLS_CERT and _KEY     PEM files; with them clients can connect over TLS, too
    AIRCD_TLS_BIND              where they do (127.0.0.1:6697)

Every setting of a hub can be given beside them, as AIRCHAT_HUB__SECTION__KEY. What is slow to import is imported when
it is needed: programs start this one and wait for its first line.
"""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow import
    from hub.app import Hub
    from hub.settings import Settings

_PREFIX = "AIRCHAT_HUB__"
_LEASES = range(1, 86_401)


class _BadVariable(Exception):
    """A variable has a value that cannot be."""


def main() -> None:
    """Run the hub until SIGINT or SIGTERM; what goes wrong is told on standard error."""
    if sys.argv[1:]:
        _say((__doc__ or "").partition("\n\nEvery")[0] if sys.argv[1] in {"-h", "--help"} else "")
        if sys.argv[1] not in {"-h", "--help"}:
            _fail("takes no arguments; aircd --help lists its variables", 2)
        return
    gc.disable()  # what is imported is there to stay
    from airchat.protocol.errors import HubError  # noqa: PLC0415 - slow import
    from hub.app import serve  # noqa: PLC0415 - slow import
    from hub.settings import SettingsError  # noqa: PLC0415 - slow import
    from store.errors import StoreError  # noqa: PLC0415 - slow import

    try:
        serve(_settings(), _settings, _tell)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
    except (_BadVariable, HubError, SettingsError, StoreError) as error:
        _fail(str(error))


def _settings() -> "Settings":
    """Return the settings that the variables mean."""
    from hub.settings import load_settings  # noqa: PLC0415 - slow import

    return load_settings(None, variables(os.environ))


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the hub's variables that aircd's mean; those of the hub itself stay as they are."""
    database = Path(environ.get("AIRCD_DB") or "aircd.sqlite3").absolute()
    host, port = _address(environ, "AIRCD_BIND", "127.0.0.1:6667")
    given = {name: text for name, text in environ.items() if name.startswith(_PREFIX)}
    meant = {
        "STORE__URL": f"sqlite:///{database}",
        "HUB__STATE_DIR": f"{database}.state",
        "IRC__HOST": host,
        "IRC__PORT": port,
        "IRC__TASK_LEASE_SECONDS": _lease(environ),
        **_tls(environ),
    }
    usual = {"HUB__DEFAULT_CHANNELS": "[]", "HTTP__ENABLED": "false"}
    return (
        {_PREFIX + name: text for name, text in usual.items()}
        | given
        | {_PREFIX + name: text for name, text in meant.items()}
    )


def _tls(environ: Mapping[str, str]) -> dict[str, str]:
    cert, key = environ.get("AIRCD_TLS_CERT"), environ.get("AIRCD_TLS_KEY")
    if not cert and not key:
        return {}
    if not cert or not key:
        raise _BadVariable("AIRCD_TLS_CERT and AIRCD_TLS_KEY belong together; set both, or neither")
    host, port = _address(environ, "AIRCD_TLS_BIND", "127.0.0.1:6697")
    return {"IRC__TLS_CERT": cert, "IRC__TLS_KEY": key, "IRC__TLS_HOST": host, "IRC__TLS_PORT": port}


def _address(environ: Mapping[str, str], name: str, usual: str) -> tuple[str, str]:
    host, colon, port = (environ.get(name) or usual).rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise _BadVariable(f"{name} must be HOST:PORT, such as {usual}")
    return host.removeprefix("[").removesuffix("]"), port


def _lease(environ: Mapping[str, str]) -> str:
    text = environ.get("AIRCD_TASK_LEASE_SECONDS") or "300"
    if not (text.isascii() and text.isdecimal()) or int(text) not in _LEASES:
        raise _BadVariable(f"AIRCD_TASK_LEASE_SECONDS must be a number from {_LEASES[0]} to {_LEASES[-1]}")
    return text


async def _tell(hub: "Hub") -> None:
    """Print where the hub listens, a line for each address."""
    for address in hub.irc:
        scheme, _, place = address.partition("://")
        if scheme in {"irc", "ircs"}:
            _say(f"aircd listening on {place}{' (TLS)' if scheme == 'ircs' else ''}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n" if text else "")
    sys.stdout.flush()


def _fail(text: str, code: int = 1) -> None:
    for line in text.splitlines():
        sys.stderr.write(f"aircd: {line}\n")
    sys.exit(code)
