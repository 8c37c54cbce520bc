"""`airchat-hub init`: writes a hub.toml and the secrets beside it."""

import os
import secrets
from importlib.resources import files
from pathlib import Path

import typer

from hub.cli.session import Config, default_config
from hub.settings import load_settings


def init(config: Config = None) -> None:
    """Write a hub.toml with every setting explained, and an admin secret that only you can read."""
    path = config or default_config()
    if path.exists():
        typer.echo(f"{path} exists already; edit it, or name another with --config.", err=True)
        raise typer.Exit(1)
    secret = path.with_name("admin.secret")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret.exists():
        _write_private(secret, secrets.token_urlsafe(32) + "\n")
    example = files("hub").joinpath("hub.example.toml").read_text(encoding="utf-8")
    _write_private(path, example.replace('# admin_secret_file = "admin.secret"', f'admin_secret_file = "{secret}"'))
    load_settings(path)
    typer.echo(
        f"Wrote {path}\nand   {secret} (for machines that enrol with the admin secret).\nNext: airchat-hub serve"
    )


def _write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
