"""`airchat doctor`: what is wrong, and how to repair it."""

from collections.abc import Sequence

import typer

from airchat.cli.agents import who
from airchat.cli.options import AsJson
from airchat.cli.terminal import paint, safe, say, say_json
from airchat.doctor import Finding, Level, examine

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILURE: "red"}


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check configuration, keys, clock and hub; tell how to repair what is wrong."""
    given = who(context)
    report(examine(config_path=given.config, project=given.project, agent_name=given.agent), as_json=as_json)


def report(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print findings, and exit: with 1 when something is broken."""
    if as_json:
        say_json(findings)
    for finding in [] if as_json else findings:
        say_finding(finding)
    raise typer.Exit(1 if any(finding.level is Level.FAILURE for finding in findings) else 0)


def say_finding(finding: Finding) -> None:
    """Print a finding and its repair."""
    say(f"{paint(finding.level.value.upper().ljust(7), fg=COLOURS[finding.level])} {safe(finding.text)}")
    if finding.fix:
        say(f"        {safe(finding.fix)}")
