"""`airchat-hub doctor`: looks for what keeps a hub from working, and says the fix."""

import asyncio
import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from hub.cli.console import AsJson, show
from hub.cli.db import schema_status
from hub.cli.session import Config, settings_for
from hub.settings import Settings, SettingsError
from store.errors import StoreError

_ROOM_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `fix` says what to do when it is not `ok`."""

    check: str
    state: Literal["ok", "warning", "broken"]
    detail: str
    fix: str | None = None


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, data and network; exit code 1 when something is broken."""
    findings = list(_examine(config))
    rows = [asdict(finding) for finding in findings]
    show(rows, ("check", "state", "detail", "fix"), as_json=as_json, empty="")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def _examine(config: Path | None) -> Iterator[Finding]:
    try:
        settings = settings_for(config)
    except SettingsError as error:
        yield Finding("settings", "broken", str(error), "correct the setting named above")
        return
    yield Finding("settings", "ok", str(config or "the defaults and the environment"))
    checks: tuple[Callable[[Settings], Finding], ...] = (_state_dir, _disk, _store, _port, _exposure)
    for check in checks:
        yield check(settings)


def _state_dir(settings: Settings) -> Finding:
    path = settings.hub.state_dir
    if not path.exists():
        return Finding("state directory", "ok", f"{path} will be made at the first start")
    if not os.access(path, os.W_OK):
        return Finding("state directory", "broken", f"{path} cannot be written", f"chown it to the hub's user: {path}")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("state directory", "warning", f"others can look into {path}", f"chmod 700 {path}")
    return Finding("state directory", "ok", str(path))


def _disk(settings: Settings) -> Finding:
    path = next(it for it in (settings.hub.state_dir, *settings.hub.state_dir.absolute().parents) if it.exists())
    free = shutil.disk_usage(path).free
    text = f"{free // 1024**2} MiB free"
    return Finding("disk", "ok", text) if free > _ROOM_BYTES else Finding("disk", "warning", text, "free some room")


def _store(settings: Settings) -> Finding:
    try:
        state = asyncio.run(schema_status(settings))
    except (StoreError, OSError) as error:
        return Finding("store", "broken", str(error), "check [store] url, and that the database runs")
    if state.pending:
        return Finding("store", "ok", f"{len(state.pending)} migrations will be applied at the next start")
    return Finding("store", "ok", f"schema {state.current}")


def _port(settings: Settings) -> Finding:
    host, port = settings.http.host, settings.http.port
    with socket.socket() as probe:
        probe.settimeout(2)
        if port and probe.connect_ex((host, port)) == 0:
            return Finding("http", "ok", f"something listens on {host}:{port} (this hub, if it runs)")
    return Finding("http", "ok", f"{host}:{port} is free")


def _exposure(settings: Settings) -> Finding:
    if settings.http.host in {"127.0.0.1", "::1", "localhost"}:
        return Finding("exposure", "ok", "only this machine can reach the hub")
    if settings.hub.public_url and settings.hub.public_url.startswith("https://"):
        return Finding("exposure", "ok", f"reached as {settings.hub.public_url}")
    text = "the hub listens beyond this machine without TLS"
    return Finding("exposure", "warning", text, "put a TLS proxy or a private network in front, and set hub.public_url")
