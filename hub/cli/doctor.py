"""`airchat-hub doctor`: looks for what keeps a hub from working, and says the fix. It changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from hub.cli.checks import data, network, platforms
from hub.cli.checks.finding import Finding
from hub.cli.console import AsJson, printable, show_json
from hub.cli.session import Config, config_in_use, settings_for
from hub.settings import Settings, SettingsError

_CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    data.state_dir,
    data.disk,
    data.store,
    network.http,
    network.irc,
    network.exposure,
    network.mail,
    platforms.links,
    platforms.slack,
    platforms.discord,
    platforms.irc_networks,
    data.clock,
)


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, data and network; exit code 1 when something is broken."""
    findings = list(examine(config))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    for finding in [] if as_json else findings:
        typer.echo(f"{finding.state:<8} {finding.check}: {printable(finding.detail)}")
        if finding.fix:
            typer.echo(f"{'':<8} Fix: {printable(finding.fix)}")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def examine(config: Path | None) -> Iterator[Finding]:
    """Check one thing after the other; without usable settings there is nothing else to check."""
    path = config_in_use(config)
    try:
        settings = settings_for(config)
    except SettingsError as error:
        fix = "correct it; `airchat-hub init --config NEW` writes a file with every setting explained"
        for line in str(error).splitlines():
            yield Finding("settings", "broken", line, fix)
        return
    yield Finding("settings", "ok", str(path) if path else "the defaults and the environment")
    for check in _CHECKS:
        yield check(settings)
