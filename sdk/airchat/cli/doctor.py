"""`airchat doctor`: what is wrong, and how to repair it."""

import typer

from airchat.cli.agents import who
from airchat.cli.options import AsJson
from airchat.cli.terminal import paint, safe, say, say_json
from airchat.doctor import Level, examine

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILURE: "red"}


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check configuration, keys, clock and hub; tell how to repair what is wrong."""
    given = who(context)
    findings = examine(config_path=given.config, project=given.project, agent_name=given.agent)
    if as_json:
        say_json(findings)
    for finding in [] if as_json else findings:
        say(f"{paint(finding.level.value.upper().ljust(7), fg=COLOURS[finding.level])} {safe(finding.text)}")
        if finding.fix:
            say(f"        {safe(finding.fix)}")
    raise typer.Exit(1 if any(finding.level is Level.FAILURE for finding in findings) else 0)
