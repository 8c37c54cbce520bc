"""`airchat-runner status`: how each agent is, as far as this machine's files tell."""

from datetime import UTC, datetime
from typing import Any

import typer

from airchat.cli.options import AsJson
from airchat.cli.terminal import safe, say, say_json, when
from runner.assembly import folder_of
from runner.cli.options import Config, settings_for
from runner.lock import holder
from runner.settings import Settings
from runner.state import peek_state
from runner.status import read_status


def status(config: Config = None, as_json: AsJson = False) -> None:
    """Say of each agent whether it is at work, and what is wrong; exit code 1 when one is not."""
    settings = settings_for(config)
    rows = [_row(settings, name) for name in settings.agents]
    if as_json:
        say_json(rows)
    for row in [] if as_json else rows:
        since = f" since {when(row['since'])}" if row["since"] else ""
        say(f"{row['name']}: {row['state']}{since}", f"as {row['agent']}" if row["agent"] else "")
        if row["detail"]:
            say(f"    {safe(row['detail'])}")
        say(f"    {row['sessions']} sessions remembered, {row['unposted']} answers not posted yet")
    raise typer.Exit(0 if all(row["state"] == "at work" for row in rows) else 1)


def _row(settings: Settings, name: str) -> dict[str, Any]:
    folder = folder_of(settings, name)
    pid, told, state = holder(folder), read_status(folder), peek_state(folder)
    return {
        "name": name,
        "state": told.state if pid is not None and told is not None else "not running",
        "since": datetime.fromtimestamp(told.since, UTC).isoformat() if told is not None else None,
        "agent": told.agent if told is not None else "",
        "detail": told.detail if pid is not None and told is not None else "",
        "pid": pid,
        "sessions": len(state.sessions),
        "unposted": len(state.finished),
    }
