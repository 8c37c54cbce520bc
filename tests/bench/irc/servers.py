"""The servers that are measured: the hub, and ngircd as the yardstick, each in a process of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.irc.plan import Server
from tests.bench.stock import prepare
from tests.hub_process import HubProcess, free_port
from tests.waiting import SECONDS

NGIRCD = shutil.which("ngircd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
"""Where the yardstick is, None when it is not installed."""

_CONFIG = """
[Global]
    Name = bench.example.net
    Info = yardstick
    Listen = 127.0.0.1
    Ports = {port}
    MotdPhrase = "yardstick"
[Limits]
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxNickLength = 20
    MaxPenaltyTime = 0
    PingTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
"""


def irc_hub(folder: Path, settings: dict[str, str] | None = None) -> tuple[HubProcess, int]:
    """Return a hub, not yet started, that slows nobody down, and the port where it will serve IRC."""
    port = free_port()
    unlimited = {"LIMITS__WRITE": "0", "LIMITS__READ": "0", "IRC__LIMITS": "none"}
    return HubProcess(folder, unlimited | {"IRC__PORT": str(port)} | (settings or {})), port


@contextmanager
def hub_with_irc(folder: Path, people: int) -> Iterator[tuple[HubProcess, Server]]:
    """Run a hub with that many people; each client is a person of its own with a token."""
    hub, port = irc_hub(folder)
    stock = prepare(hub.env, channels=0, count=people)
    with hub:
        yield hub, Server(port, hub.pid, stock.names, stock.tokens)


@contextmanager
def ngircd(folder: Path, clients: int) -> Iterator[Server]:
    """Run ngircd.

    Raises:
        RuntimeError: it is not installed, or did not start.
    """
    if NGIRCD is None:
        raise RuntimeError("ngircd is not installed (Debian: apt-get install ngircd)")
    port = free_port()
    config = folder / f"ngircd-{port}.conf"
    config.write_text(_CONFIG.format(port=port), encoding="ascii")
    process = subprocess.Popen([NGIRCD, "-n", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + SECONDS
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("ngircd did not start")
            time.sleep(0.02)
        yield Server(port, process.pid, [f"bench-{number}" for number in range(clients)])
    finally:
        process.terminate()
        process.wait(10)


def listens(port: int) -> bool:
    """Tell whether somebody takes connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
