"""Entry point of the `airchat-runner` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from typing import Annotated

import typer

from airchat import AirChatError
from airchat.cli import ending
from runner.cli import schedules
from runner.cli.doctor import doctor
from runner.cli.init import init
from runner.cli.run import run
from runner.cli.status import status
from runner.config import SettingsError

app = typer.Typer(
    name="airchat-runner",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow import

        typer.echo(f"airchat-runner {version('airchat-hub')}")
        raise typer.Exit


@app.callback()
def begin(
    _version: Annotated[
        bool, typer.Option("--version", help="Say which release this is.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Keep agents at work: each wakes when it is addressed, at any hour."""


for command in (init, run, doctor, status):
    app.command()(command)
app.add_typer(schedules.app, name="schedules")


def main() -> None:
    """Run the command."""
    ending.run(app, "airchat-runner", (AirChatError, SettingsError))
