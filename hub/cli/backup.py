"""`airchat-hub backup`: a copy of everything the hub keeps."""

import asyncio
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import AsJson, report
from hub.cli.session import Config, open_configured, settings_for

DATABASE = "hub.db"


def backup(
    target: Annotated[Path, typer.Argument(help="The folder to write the copy to; it must not exist yet.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Copy the data of a running or stopped hub on SQLite: the database, the shared files and the secrets."""
    settings = settings_for(config)
    state_dir, target = settings.hub.state_dir.resolve(), target.resolve()
    if target.is_relative_to(state_dir):
        raise typer.BadParameter(f"{target} lies in the state directory that is to be copied; name a folder outside")
    try:
        target.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise typer.BadParameter(f"{target} exists already; name a folder that does not") from error
    try:
        # First the database: every file it knows is on disk before, but for those that are deleted meanwhile.
        asyncio.run(open_configured(settings).backup(target / DATABASE))
        _copy_files(state_dir, target)
        _make_private(target)
    except BaseException:
        shutil.rmtree(target)
        raise
    text = f"Everything is in {target}. To restore, stop the hub and put the folder in place of its state directory."
    report(text, {"folder": str(target)}, as_json=as_json)


def _copy_files(state_dir: Path, target: Path) -> None:
    """Copy what lies beside the database, without uploads that are still coming in, and what goes meanwhile."""
    inside = [path.relative_to(state_dir) for path in state_dir.rglob("*") if path.is_file()]
    wanted = [path for path in inside if "incoming" not in path.parts and not path.name.startswith(DATABASE)]
    quiet = not sys.stderr.isatty()
    with typer.progressbar(wanted, label="Shared files", file=sys.stderr, hidden=quiet) as shown:
        for path in shown:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy2(state_dir / path, target / path)


def _make_private(target: Path) -> None:
    """Let only the owner read the copy, whatever the umask."""
    for path in (target, *target.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
