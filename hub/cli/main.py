"""The `airchat-hub` command."""

import sys

import typer

from airchat.protocol.errors import HubError
from hub.cli import agents, channels, db, machines, people, tokens
from hub.cli.doctor import doctor
from hub.cli.init import init
from hub.cli.serve import serve
from hub.settings import SettingsError
from store.errors import StoreError

app = typer.Typer(help="Run and administer an AirChat hub.", no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(init)
app.command()(serve)
app.command()(doctor)
app.command("backup")(db.backup)
app.add_typer(machines.app, name="machines")
app.add_typer(agents.app, name="agents")
app.add_typer(people.app, name="people")
app.add_typer(tokens.app, name="tokens")
app.add_typer(channels.app, name="channels")
app.add_typer(db.app, name="db")


def main() -> None:
    """Run the command; what goes wrong is one line on standard error and exit code 1."""
    try:
        app()
    except (HubError, SettingsError, StoreError, OSError) as error:
        typer.echo(f"airchat-hub: {error}", err=True)
        sys.exit(1)
