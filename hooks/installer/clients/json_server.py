"""The MCP server as an entry of a JSON settings file, where most CLIs look for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from airchat.errors import AirChatConfigError
from hooks.installer import jsonc
from hooks.installer.clients.client import Edit, read_text


def server_edit(path: Path, keys: tuple[str, ...], entry: Callable[[str], dict[str, Any]]) -> Callable[[str], Edit]:
    """Return what registers a program: `entry` of it, at the path of keys; what else an entry there says stays."""

    def put(text: str, program: str) -> str:
        old = value_in(jsonc.read(text), keys)
        kept = {key: value for key, value in old.items() if key != "args"} if isinstance(old, dict) else {}
        return jsonc.put(text, keys, {**kept, **entry(program)})

    return lambda program: Edit(path, lambda text: put(text, program), lambda text: jsonc.take(text, keys))


def registered(path: Path, keys: tuple[str, ...]) -> Callable[[], str | None]:
    """Return what tells which program is registered at the path of keys.

    Raises, when called:
        AirChatConfigError: the file cannot be read.
    """

    def command() -> str | None:
        return command_in(read_object(path), (*keys, "command"))

    return command


def read_object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; a missing one is empty.

    Raises:
        AirChatConfigError: it cannot be read.
    """
    text = read_text(path)
    try:
        return jsonc.read(text)
    except ValueError as error:
        raise AirChatConfigError(f"{path} is broken: {error}") from error


def command_in(settings: Any, keys: tuple[str, ...]) -> str | None:
    """Return the program at a path of keys: a string, or the first of a list."""
    found = value_in(settings, keys)
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, str) else None


def value_in(settings: Any, keys: tuple[str, ...]) -> Any:
    """Return what is at a path of keys, or None."""
    for key in keys:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings
