"""`airchat-hub init`: writes a hub.toml and the secret beside it."""

import json
import os
import secrets
from importlib.resources import files
from pathlib import Path

import typer

from hub.cli.console import AsJson, report
from hub.cli.session import Config, default_config
from hub.settings import load_settings

EXAMPLE = "hub.example.toml"
_UNSET = '# admin_secret_file = "admin.secret"'


def init(config: Config = None, as_json: AsJson = False) -> None:
    """Write a hub.toml with every setting explained, and an admin secret; only you can read them."""
    path = (config or default_config()).absolute()
    if path.exists():
        typer.echo(f"airchat-hub: {path} exists already; edit it, or name another with --config.", err=True)
        raise typer.Exit(1)
    load_settings()  # what is wrong in the environment shows before anything is written
    secret = path.with_name("admin.secret")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret.exists():
        _write_private(secret, secrets.token_urlsafe(32) + "\n")
    # A TOML string is written as a JSON one.
    _write_private(path, example().replace(_UNSET, f"admin_secret_file = {json.dumps(str(secret))}"))
    load_settings(path)
    report(
        f"Wrote {path}\nand   {secret} (for machines that enrol with the admin secret).\n"
        f"Next: airchat-hub serve{f' --config {path}' if path != default_config() else ''}",
        {"config": str(path), "admin_secret_file": str(secret)},
        as_json=as_json,
    )


def example() -> str:
    """Return the example of every setting: an installed package has it inside, a checkout in its config folder."""
    packaged = files("hub").joinpath(EXAMPLE)
    place = packaged if packaged.is_file() else Path(__file__).parents[2] / "config" / EXAMPLE
    return place.read_text(encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
