"""Setting AirChat up on this machine: the machine at its hub, the agents' CLIs, and a look whether it works."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from airchat.client import AirChatClient
from airchat.config import load_config
from airchat.doctor import Finding, Level
from airchat.enrol import Enrolment, join, parse_target
from airchat.errors import AirChatConfigError, AirChatError
from airchat.identity import default_home
from hooks import failure
from hooks.installer.clients import clients
from hooks.installer.clients.client import Client
from hooks.installer.journal import Journal
from hooks.installer.round_trip import try_out

PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, or could not be: `about` says for which part of the machine."""

    about: str
    finding: Finding


def known_clients(names: Sequence[str], *, files: bool) -> list[Client]:
    """Return the CLIs of these names; without names those that are on this machine.

    Raises:
        AirChatConfigError: there is no CLI of that name.
    """
    everything = {client.id: client for client in clients(files=files)}
    unknown = [name for name in names if name not in everything]
    if unknown:
        raise AirChatConfigError(f"{unknown[0]} is none of {', '.join(everything)}")
    return [everything[name] for name in names] if names else [one for one in everything.values() if one.present()]


@dataclass(frozen=True, slots=True)
class Joining:
    """How the machine is to be enrolled: CODE@HOST if there is one, its name, and whether to leave another hub."""

    target: str | None = None
    name: str | None = None
    replace: bool = False


def enrol(joining: Joining, ask: Callable[[], str | None]) -> Enrolment | None:
    """Enrol this machine, if it is not or a code is given; `ask` asks the user for one. None when it was before.

    Raises:
        AirChatError: the hub refused, or there is no code.
    """
    target = joining.target
    if target is None:
        try:
            load_config()
        except AirChatConfigError:
            target = ask()
        else:
            return None
    if not target:
        raise AirChatConfigError(
            "This machine belongs to no hub yet. On the hub, make a code with: airchat-hub machines invite. "
            "Then here: airchat setup CODE@HOST"
        )
    code, url = parse_target(target)
    return join(code, url, machine_name=joining.name, replace=joining.replace)


def install(chosen: Sequence[Client]) -> Iterator[Step]:
    """Make AirChat part of these CLIs, and tell what is not well then; one that fails does not stop the others."""
    journal = Journal(default_home())
    failure.forget()
    for client in chosen:
        step = _step(client, client.install, journal, "everything was in place already")
        yield step
        if step.finding.level is Level.OK:
            yield from (Step(client.id, found) for found in client.examine() if found.level is not Level.OK)


def uninstall(chosen: Sequence[Client]) -> Iterator[Step]:
    """Take AirChat out of these CLIs. The machine stays enrolled."""
    journal = Journal(default_home())
    for client in chosen:
        yield _step(client, client.uninstall, journal, "nothing of AirChat was there")


def verify() -> Iterator[Step]:
    """Try out whether it works from here."""
    try:
        config = load_config()
        client = AirChatClient(config, patience=PATIENCE)
    except AirChatError as error:
        yield Step("hub", Finding(Level.FAILURE, str(error), "Run: airchat doctor"))
        return
    with closing(client):
        for finding in try_out(client):
            yield Step("hub", finding)


def _step(client: Client, act: Callable[[Journal], list[str]], journal: Journal, nothing: str) -> Step:
    try:
        done = act(journal)
    except (AirChatConfigError, OSError) as error:
        return Step(client.id, Finding(Level.FAILURE, f"{client.title}: {error}"))
    return Step(client.id, Finding(Level.OK, f"{client.title}: {_told(done) or nothing}"))


def _told(done: Sequence[str]) -> str:
    """Return what was done, with the many files of slash commands in one word."""
    rest = [one for one in done if not any(part.startswith("airchat-") for part in Path(one).parts[-2:])]
    commands = [one.split(" ", 1)[0] for one in done if one not in rest]
    return "; ".join([*rest, *([f"{commands[0]} {len(commands)} slash commands"] if commands else [])])
