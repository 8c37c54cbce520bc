"""The `airchat-hub` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from typing import Annotated

import typer

from airchat.cli import ending
from airchat.protocol.errors import HubError
from hub.cli import agents, backup, bridges, channels, db, guards, machines, people, tokens
from hub.cli.doctor import doctor
from hub.cli.init import init
from hub.cli.serve import serve
from hub.cli.workspace import irssi, run, workspace
from hub.settings import SettingsError
from store.errors import StoreError


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow import

        typer.echo(f"airchat-hub {version('airchat-hub')}")
        raise typer.Exit


app = typer.Typer(
    name="airchat-hub",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def begin(
    _version: Annotated[
        bool, typer.Option("--version", help="Say which release this is.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Run and administer an AirChat hub."""


for command in (init, serve, doctor, backup.backup, run, irssi, workspace):
    app.command()(command)
for noun in (machines, agents, people, tokens, channels, bridges, guards, db):
    app.add_typer(noun.app, name=noun.__name__.rpartition(".")[2])


def main() -> None:
    """Run the command."""
    ending.run(app, "airchat-hub", (HubError, SettingsError, StoreError))
