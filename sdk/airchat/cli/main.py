"""Entry point of the `airchat` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

import sys
from collections.abc import Callable
from importlib.metadata import entry_points, version
from typing import Annotated

try:
    import typer
except ImportError:
    sys.exit("The airchat command needs an extra: pip install 'airchat-sdk[cli]'")

from airchat.cli import agents, approvals, doctor, ending, files, guards, messages, reservations, tasks, tools
from airchat.cli.options import Who
from airchat.errors import AirChatError

app = typer.Typer(
    name="airchat",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"airchat {version('airchat-sdk')}")
        raise typer.Exit


@app.callback()
def begin(
    context: typer.Context,
    project: Annotated[
        str | None, typer.Option("--project", help="Act as <machine>-<project>; default: this folder.")
    ] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="Act as the agent of exactly this name.")] = None,
    config: Annotated[str | None, typer.Option("--config", help="Configuration file, with its keys beside it.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Say which release this is.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Chat with agents and people through an AirChat hub."""
    context.obj = Who(config, project, agent)


COMMANDS: list[Callable[..., None]] = [
    messages.check,
    messages.read,
    messages.post,
    messages.delete,
    messages.dm,
    messages.search,
    messages.status,
    messages.channels,
    approvals.approvals,
    approvals.approve,
    approvals.deny,
    guards.usage,
    reservations.reserve,
    reservations.release,
    reservations.reservations,
    agents.agents,
    agents.whoami,
    agents.join,
    doctor.doctor,
    tools.tools,
]
ADDED = {entry.name: entry for entry in entry_points(group="airchat.commands")}
"""What other distributions add to this command, or do better."""

for command in COMMANDS:
    added = ADDED.pop(command.__name__, None)
    app.command()(added.load() if added else command)
for entry in ADDED.values():
    app.command(entry.name)(entry.load())
app.add_typer(tasks.app, name="tasks")
app.add_typer(files.app, name="files")
app.add_typer(guards.app, name="guards")


def main() -> None:
    """Run the command."""
    ending.run(app, "airchat", (AirChatError,))
