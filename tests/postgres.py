"""A real Postgres server for tests: a throw-away cluster that a test process starts, or one that is named to it.

The cluster keeps `fsync` and `synchronous_commit` on unless told otherwise, because durability is tested on it too.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.waiting import SECONDS

# What a small, short-lived server can do without; nothing here touches durability.
SETTINGS = {
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "200",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "checkpoint_timeout": "1h",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}

# Runs the server and stops it when standard input closes: it never outlives the test process, however that ends.
KEEPER = '"$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server'


class ServerError(Exception):
    """The server could not be started; the message ends with its log."""


def find_postgres() -> Path | None:
    """Return the newest folder that holds both `initdb` and `postgres`, or None."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    if config := shutil.which("pg_config"):
        output = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout
        folders.insert(0, Path(output.strip()))
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(packaged, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def outside_server() -> Cluster | None:
    """Return the server that AIRCHAT_TEST_POSTGRES names (a URL whose user may create databases), or None."""
    url = os.environ.get("AIRCHAT_TEST_POSTGRES")
    return Cluster(url) if url else None


@dataclass
class Cluster:
    """A Postgres server, known by the URL of a database that is always there."""

    url: str

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Make a database from a template, give its URL, and drop it afterwards with whoever is still connected.

        A test folder that wants its schema ready-made migrates one database and names it here as the template.
        """
        name = f"test_{uuid.uuid4().hex}"
        # WAL_LOG copies through the log and needs no checkpoint, which is the quick way for a small template.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG")
        self._execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))
        finally:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @staticmethod
    @contextmanager
    def started(*, fsync: bool = True) -> Iterator[OwnCluster]:
        """Make a cluster in a temporary folder, start it, and remove it afterwards.

        Args:
            fsync: Whether commits reach the disk; off is quicker and proves nothing about durability.

        Raises:
            ServerError: The server did not start.
        """
        cluster = OwnCluster.made(fsync=fsync)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(cluster.folder, ignore_errors=True)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@dataclass
class OwnCluster(Cluster):
    """A server that the tests started themselves, and may therefore stop, crash and start again."""

    folder: Path
    binaries: Path
    port: int
    settings: dict[str, str]
    _keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def made(cls, *, fsync: bool) -> OwnCluster:
        """Make the folder and the data in it; the server is not running yet."""
        binaries = find_postgres()
        if binaries is None:
            raise ServerError("no Postgres server found")
        folder = Path(tempfile.mkdtemp(prefix="airchat-pg-", dir="/tmp"))  # socket paths must be short
        port = _free_port()
        settings = SETTINGS | {"fsync": "on" if fsync else "off", "unix_socket_directories": str(folder)}
        cluster = cls(f"postgresql://postgres@127.0.0.1:{port}/postgres", folder, binaries, port, settings)
        try:
            if os.geteuid() == 0:
                user = _unprivileged_user()
                os.chown(folder, user.pw_uid, user.pw_gid)
            options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
            command = [str(binaries / "initdb"), *options, "-D", str(folder / "data")]
            done = subprocess.run(command, capture_output=True, text=True, check=False, **cluster._identity())
            if done.returncode:
                raise ServerError(f"initdb failed\n{done.stdout}{done.stderr}")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cluster

    @property
    def socket_url(self) -> str:
        """The same database as `url`, through the Unix socket."""
        return f"postgresql://postgres@/postgres?host={self.folder}&port={self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            ServerError: It ended or did not answer in time.
        """
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        server = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *options]
        with (self.folder / "log").open("wb") as log:
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "keeper", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the tests
                **self._identity(),
            )
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if time.monotonic() > deadline or "is shut down" in self.log():
                self.stop()
                raise ServerError(f"the server did not start\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server at once, without a last checkpoint, as a crash would; `start` then recovers from the log."""
        if self._keeper is None:
            return
        assert self._keeper.stdin is not None  # a pipe was asked for
        self._keeper.stdin.close()
        try:
            self._keeper.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._keeper.pid, signal.SIGKILL)
            self._keeper.wait()
        self._keeper = None

    def log(self) -> str:
        """Return what the server has written since it was last started."""
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2):
            return True
        return False

    def _identity(self) -> Identity:
        """Postgres refuses to run as root, so root runs it as somebody else, with none of the developer's variables."""
        identity = Identity(cwd=self.folder, env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)})
        if os.geteuid() == 0:
            user = _unprivileged_user()
            identity |= Identity(user=user.pw_uid, group=user.pw_gid, extra_groups=[])
        return identity


class Identity(TypedDict, total=False):
    """Who a process runs as and what it sees, in the words of `subprocess`."""

    cwd: Path
    env: dict[str, str]
    user: int
    group: int
    extra_groups: list[int]


def _unprivileged_user() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _free_port() -> int:
    """Find a port below the range that the kernel hands out by itself, where parallel tests cannot take it away."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
