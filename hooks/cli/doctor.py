"""`airchat doctor` where agents work: the look at hub and keys, and at what the agents' CLIs have of AirChat."""

import typer

from airchat.cli.agents import who
from airchat.cli.doctor import report
from airchat.cli.options import AsJson
from airchat.doctor import examine


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check configuration, keys, clock, hub and the agents' CLIs here; tell how to repair what is wrong."""
    from hooks.doctor import examine as examine_clients  # noqa: PLC0415 - slow import

    given = who(context)
    findings = examine(config_path=given.config, project=given.project, agent_name=given.agent)
    report([*findings, *examine_clients()], as_json=as_json)
