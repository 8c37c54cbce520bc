"""What the installer needs of an agent's CLI, and what all of them that are plain settings files have in common."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from airchat.doctor import Finding, Level
from airchat.errors import AirChatConfigError
from hooks.installer import section
from hooks.installer.journal import Journal
from hooks.installer.programs import MCP, find_program, why_unusable
from hooks.installer.texts import INSTRUCTIONS, Command, commands

FIX = "Run: airchat setup"


class Client(Protocol):
    """An agent's CLI on this machine."""

    @property
    def id(self) -> str:
        """What the user calls it on the command line."""
        ...

    @property
    def title(self) -> str:
        """What its makers call it."""
        ...

    def present(self) -> bool:
        """Tell whether it is there, or has been used here."""
        ...

    def install(self, journal: Journal) -> list[str]:
        """Make AirChat part of it; returns what was changed, nothing when all was in place.

        Raises:
            AirChatConfigError: its settings cannot be changed; the text says which, and why.
        """
        ...

    def uninstall(self, journal: Journal) -> list[str]:
        """Take it back; returns what was changed.

        Raises:
            AirChatConfigError: as above.
        """
        ...

    def examine(self) -> Iterator[Finding]:
        """Look for what is missing or broken."""
        ...


@dataclass(frozen=True, slots=True)
class Edit:
    """A change in a file: `put` makes it, `take` takes it out of whatever the file has become meanwhile."""

    path: Path
    put: Callable[[str], str]
    take: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class CommandFiles:
    """Where a CLI looks for slash commands, how their files end, and what is in them."""

    folder: Path
    ending: str
    form: Callable[[Command], str]

    def edits(self) -> list[Edit]:
        """Return one edit per command, each a file of its own."""
        return [
            Edit(self.folder / f"airchat-{one.name}{self.ending}", _whole(self.form(one)), lambda _: "")
            for one in commands()
        ]


@dataclass(frozen=True, slots=True)
class SettingsClient:
    """A CLI that reads all it needs from files below the home folder.

    `server` returns the edit that registers a program as MCP server, `command` the program that is registered now.
    """

    id: str
    title: str
    here: Callable[[], bool]
    server: Callable[[str], Edit]
    command: Callable[[], str | None]
    instructions: Path | None = None
    command_files: CommandFiles | None = field(default=None)

    def present(self) -> bool:
        """Tell whether it is there, or has been used here."""
        return self.here()

    def install(self, journal: Journal) -> list[str]:
        """Write the MCP server, the instructions and the slash commands into its files."""
        return apply(self._edits(), journal)

    def uninstall(self, journal: Journal) -> list[str]:
        """Give its files back."""
        return take_back(self._edits(), journal)

    def examine(self) -> Iterator[Finding]:
        """Check that the MCP server is registered and can be started."""
        try:
            command = self.command()
        except AirChatConfigError as error:
            yield Finding(Level.FAILURE, f"{self.title}: {error}", "Repair that file, then run: airchat setup")
            return
        yield from examine_server(self.title, command)

    def _edits(self) -> list[Edit]:
        edits = [self.server(find_program(MCP))]
        if self.instructions is not None:
            edits.append(Edit(self.instructions, lambda text: section.put(text, INSTRUCTIONS), section.take))
        return edits + (self.command_files.edits() if self.command_files else [])


def examine_server(title: str, command: str | None) -> Iterator[Finding]:
    """Tell what is wrong with the program that is registered as MCP server."""
    if command is None:
        yield Finding(Level.WARNING, f"{title}: the MCP server of AirChat is not registered", FIX)
    elif why := why_unusable(command, MCP):
        yield Finding(Level.FAILURE, f"{title}: the MCP server cannot be started: {why}", FIX)
    else:
        yield Finding(Level.OK, f"{title}: the MCP server is registered and can be started")


def apply(edits: list[Edit], journal: Journal) -> list[str]:
    """Make edits; returns what was changed. All are computed before the first file is written.

    Raises:
        AirChatConfigError: a file cannot be read, changed or written.
    """
    texts = [(edit.path, _changed(edit.path, edit.put)) for edit in edits]
    done = []
    for path, text in texts:
        try:
            if text is not None and journal.write(path, text):
                done.append(f"wrote {path}")
        except OSError as error:
            raise AirChatConfigError(f"{path} cannot be written: {error}") from error
    return done


def take_back(edits: list[Edit], journal: Journal) -> list[str]:
    """Give the files of edits back; returns what was changed.

    Raises:
        AirChatConfigError: one cannot be changed.
    """
    done = []
    for edit in edits:
        try:
            if journal.give_back(edit.path, edit.take):
                done.append(f"{'restored' if edit.path.exists() else 'removed'} {edit.path}")
        except (OSError, ValueError) as error:
            raise AirChatConfigError(f"{edit.path} cannot be given back: {error}") from error
    return done


def read_text(path: Path) -> str:
    """Return a file's text; a missing one is empty.

    Raises:
        AirChatConfigError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise AirChatConfigError(f"{path} cannot be read: {error}") from error


def _changed(path: Path, change: Callable[[str], str]) -> str | None:
    """Return what a change makes of a file; None if it stays as it is."""
    text = read_text(path)
    try:
        changed = change(text)
        return None if changed == text else changed
    except ValueError as error:
        raise AirChatConfigError(f"{path} cannot be changed: {error}. Nothing was written.") from error


def _whole(text: str) -> Callable[[str], str]:
    return lambda _: text
