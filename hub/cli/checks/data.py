"""Checks of where the data is kept, and of the clock that dates it."""

import asyncio
import os
import shutil
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from hub.cli.checks.finding import Finding
from hub.cli.session import open_configured
from hub.settings import Settings
from store.errors import SchemaChanged, SchemaTooNew, StoreError, UnknownStore

ROOM_BYTES = 200 * 1024 * 1024
OLDEST_NOW = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
AHEAD_SECONDS = 60.0


def state_dir(settings: Settings) -> Finding:
    """Check that the state directory is the hub's alone."""
    path = settings.hub.state_dir
    there = _nearest(path)
    if not there.is_dir():
        return Finding("state directory", "broken", f"{there} is no folder", "name another one in hub.state_dir")
    if not os.access(there, os.W_OK | os.X_OK):
        fix = f"give it to the hub's user (chown), or name another one in hub.state_dir: {there}"
        return Finding("state directory", "broken", f"{there} cannot be written", fix)
    if there != path.absolute():
        return Finding("state directory", "ok", f"{path} will be made at the first start")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("state directory", "warning", f"others can look into {path}", f"chmod 700 {path}")
    return Finding("state directory", "ok", str(path))


def disk(settings: Settings) -> Finding:
    """Check that there is room."""
    free = shutil.disk_usage(_nearest(settings.hub.state_dir)).free
    text = f"{free // 1024**2} MiB free"
    if free < ROOM_BYTES:
        return Finding("disk", "warning", text, "free some room: on a full disk the hub takes no messages")
    return Finding("disk", "ok", text)


def store(settings: Settings) -> Finding:
    """Check that the data can be used."""
    kind = settings.store_url.partition(":")[0]
    try:
        state = asyncio.run(open_configured(settings).status())
    except SchemaTooNew as error:
        return Finding("store", "broken", str(error), "run the newer release again, or restore a backup made before it")
    except SchemaChanged as error:
        return Finding("store", "broken", str(error), "run the release that made the data, or restore a backup")
    except UnknownStore as error:
        return Finding("store", "broken", str(error), "correct store.url, or install the package for it")
    except (StoreError, OSError) as error:
        return Finding("store", "broken", str(error), "check store.url, and that the database runs and lets the hub in")
    if state.pending:
        return Finding("store", "ok", f"{kind}, {len(state.pending)} migrations will be applied at the next start")
    return Finding("store", "ok", f"{kind}, schema {state.current}")


def clock(settings: Settings) -> Finding:
    """Compare the clock with when the data was last written: in the past, if the clock is right."""
    now, written = time.time(), _nearest(settings.hub.state_dir).stat().st_mtime
    for path in settings.hub.state_dir.glob("hub.db*"):
        written = max(written, path.stat().st_mtime)
    shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    if now < OLDEST_NOW or written > now + AHEAD_SECONDS:
        return Finding("clock", "broken", f"the clock says {shown}, but the data is newer", "set the clock (NTP)")
    return Finding("clock", "ok", shown)


def _nearest(path: Path) -> Path:
    """Return the path or, while it does not exist, the folder above it that does."""
    return next(it for it in (path.absolute(), *path.absolute().parents) if it.exists())
