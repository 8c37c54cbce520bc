"""`airchat setup`: its options. What it does is in `dialogue`, which takes long to import."""

from typing import Annotated

import typer

from airchat.cli.options import AsJson


def setup(
    *,
    target: Annotated[
        str | None, typer.Argument(metavar="CODE@HOST", help="A code that enrols this machine, if it is not yet.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--for", help="Only this one, repeatable: claude-code, codex, gemini, cursor, opencode."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="This machine's name; by default its host name.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Leave the hub this machine belongs to.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: set up every CLI that is here.")] = False,
    files: Annotated[
        bool, typer.Option("--files", help="Write Claude Code's settings files instead of installing a plugin.")
    ] = False,
    uninstall: Annotated[
        bool, typer.Option("--uninstall", help="Take everything back; the machine stays enrolled.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make AirChat part of the agents' CLIs on this machine: tools, hooks, slash commands, instructions."""
    from hooks.cli.dialogue import Dialogue  # noqa: PLC0415 - slow import
    from hooks.installer.setup import Joining  # noqa: PLC0415 - same

    dialogue = Dialogue(asks=not (yes or as_json or only), as_json=as_json)
    if uninstall:
        dialogue.uninstall(only or [])
    else:
        dialogue.install(only or [], Joining(target, name, replace), files=files)
    raise typer.Exit(dialogue.end())
