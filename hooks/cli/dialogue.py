"""`airchat setup`: what is asked, done and told, step by step."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import typer

from airchat.cli.doctor import say_finding
from airchat.cli.terminal import say, say_json
from airchat.doctor import Finding, Level
from airchat.errors import AirChatConfigError
from hooks.installer import setup
from hooks.installer.clients.client import Client
from hooks.installer.setup import Joining, Step


class Dialogue:
    """One run of the command. `asks` lets the user decide; with `as_json` all is told at the end."""

    def __init__(self, *, asks: bool, as_json: bool) -> None:
        if asks and not sys.stdin.isatty():
            raise AirChatConfigError("There is no terminal to ask at: add --yes, or say what --for")
        self._asks = asks
        self._as_json = as_json
        self._done: list[Step] = []

    def install(self, only: Sequence[str], joining: Joining, *, files: bool) -> None:
        """Enrol the machine, set the CLIs up, and try it out.

        Raises:
            AirChatError: the machine could not be enrolled; then nothing else was done.
        """
        found = setup.known_clients(only, files=files)
        enrolment = setup.enrol(joining, _ask_code if self._asks else lambda: None)
        if enrolment is not None:
            text = f"This machine is enrolled as {enrolment.machine_name} at {enrolment.web_url}"
            self._tell([Step("machine", Finding(Level.OK, text))])
        chosen = self._choose(found, "Set up")
        self._tell(setup.install(chosen))
        self._tell(setup.verify())
        if self._as_json:
            return
        if not found:
            say("No agent's CLI was found here. Name one with --for to set it up all the same.")
        elif chosen and not self._failed():
            say("Start a new session of each to use it. Try there: /airchat-check (in Codex $airchat-check)")

    def uninstall(self, only: Sequence[str]) -> None:
        """Take AirChat out of the CLIs."""
        self._tell(setup.uninstall(self._choose(setup.known_clients(only, files=False), "Take AirChat out of")))

    def end(self) -> int:
        """Print what was done, if that is still to be told, and return the exit code."""
        if self._as_json:
            say_json([{"about": step.about, **asdict(step.finding)} for step in self._done])
        return 1 if self._failed() else 0

    def _failed(self) -> bool:
        return any(step.finding.level is Level.FAILURE for step in self._done)

    def _tell(self, news: Iterable[Step]) -> None:
        """Show each step as it is done."""
        for step in news:
            self._done.append(step)
            if not self._as_json:
                say_finding(step.finding)

    def _choose(self, found: list[Client], what: str) -> list[Client]:
        """Return those that the user agrees to."""
        if not self._asks:
            return found
        return [client for client in found if typer.confirm(f"{what} {client.title}?", default=True)]


def _ask_code() -> str | None:
    say("This machine belongs to no hub yet. On the hub, `airchat-hub machines invite` makes a code for it.")
    return str(typer.prompt("CODE@HOST", default="", show_default=False)).strip() or None
