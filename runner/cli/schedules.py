"""`airchat-runner schedules`: listing, pausing and resuming them, also while the runner runs."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from airchat.cli.options import AsJson
from airchat.cli.terminal import say, say_json
from runner.assembly import folder_of, schedule
from runner.cli.options import AgentName, Config, chosen, settings_for
from runner.clock import SystemClock
from runner.config import SettingsError
from runner.orders import when
from runner.schedules import Listed, Pauses, Schedules
from runner.settings import Settings
from runner.state import peek_state

app = typer.Typer(help="Prompts at times of their own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The schedule.")]


@app.command("list")
def show(agent: AgentName = None, config: Config = None, as_json: AsJson = False) -> None:
    """List the schedules of all agents, or of one, and when each is due next."""
    settings = chosen(settings_for(config), agent)
    found = [(name, listed) for name in settings.agents for listed in _listed(settings, name)]
    if as_json:
        say_json([_row(name, listed) for name, listed in found])
    elif not found:
        say("There are no schedules.")
    for name, it in [] if as_json else found:
        say(f"{name} {it.schedule.name}: {it.schedule.told} into #{it.schedule.channel}, {when(it)}")


@app.command()
def pause(name: Name, agent: AgentName = None, config: Config = None) -> None:
    """Pause a schedule until it is resumed."""
    _set(name, agent, config, paused=True)


@app.command()
def resume(name: Name, agent: AgentName = None, config: Config = None) -> None:
    """Let a paused schedule go on; what was due meanwhile is not made up for."""
    _set(name, agent, config, paused=False)


def _set(name: str, agent: str | None, config: Config, *, paused: bool) -> None:
    settings = chosen(settings_for(config), agent)
    owners = [owner for owner, it in settings.agents.items() if name in {each.name for each in it.schedules}]
    if not owners:
        raise SettingsError(f"there is no schedule {name}")
    if len(owners) > 1:
        raise SettingsError(f"{', '.join(owners)} all have a schedule {name}; say which with --agent")
    Pauses(folder_of(settings, owners[0])).set(name, paused=paused)
    say(f"{owners[0]} {name}: {'paused' if paused else 'goes on'}")


def _listed(settings: Settings, name: str) -> list[Listed]:
    schedules = [schedule(section) for section in settings.agents[name].schedules]
    return Schedules(schedules, peek_state(folder_of(settings, name)), SystemClock()).list()


def _row(name: str, listed: Listed) -> dict[str, Any]:
    due = datetime.fromtimestamp(listed.due, UTC).isoformat() if listed.due is not None else None
    it = listed.schedule
    times = {"when": it.told, "missed": it.missed, "paused": listed.paused, "due": due}
    return {"agent": name, "name": it.name, "channel": it.channel, "prompt": it.prompt, **times}
