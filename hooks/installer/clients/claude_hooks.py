"""The hooks of the plugin as entries of Claude Code's `settings.json`."""

import json
from pathlib import Path
from typing import Any

from hooks.installer import jsonc
from hooks.installer.programs import HOOK
from hooks.installer.texts import PLUGIN

FILE = PLUGIN / "airchat" / "hooks" / "hooks.json"


def put(text: str, program: str) -> str:
    """Return the settings with our hooks, run by `program`; those of others stay.

    Raises:
        ValueError: the text is not what Claude Code's settings are.
    """
    for event, groups in json.loads(with_program(FILE.read_text("utf-8"), HOOK, program))["hooks"].items():
        text = jsonc.put(text, ("hooks", event), [*_others(text, event), *groups])
    return text


def take(text: str) -> str:
    """Return the settings without our hooks.

    Raises:
        ValueError: the text is not what Claude Code's settings are.
    """
    hooks = jsonc.read(text).get("hooks")
    for event, groups in (hooks or {}).items():
        others = _others(text, event)
        if not others and groups:
            text = jsonc.take(text, ("hooks", event))
        elif others != groups:
            text = jsonc.put(text, ("hooks", event), others)
    return text


def command_in(settings: dict[str, Any]) -> str | None:
    """Return the program that runs when a prompt is sent."""
    hooks = settings.get("hooks")
    groups = hooks.get("UserPromptSubmit") if isinstance(hooks, dict) else None
    found = [hook for group in (groups if isinstance(groups, list) else []) for hook in _own(group) if _is_ours(hook)]
    return str(found[0]["command"]) if found else None


def with_program(text: str, name: str, path: str) -> str:
    """Return a JSON text of the plugin in which the program called `name` is named by its path."""
    return text.replace(f'"command": "{name}"', f'"command": {json.dumps(path)}')


def _others(text: str, event: str) -> list[Any]:
    """Return the groups of hooks for an event that are not ours, without our hooks in those that are shared."""
    hooks = jsonc.read(text).get("hooks")
    groups = (hooks.get(event) if isinstance(hooks, dict) else None) or []
    if not isinstance(groups, list):
        raise ValueError(f"hooks.{event} is no list")  # noqa: TRY004 - the text is wrong, not a caller
    left = []
    for group in groups:
        own = _own(group)
        theirs = [hook for hook in own if not _is_ours(hook)]
        if len(theirs) == len(own):
            left.append(group)
        elif theirs:
            left.append({**group, "hooks": theirs})
    return left


def _own(group: Any) -> list[Any]:
    """Return the hooks in a group."""
    hooks = group.get("hooks") if isinstance(group, dict) else None
    return hooks if isinstance(hooks, list) else []


def _is_ours(hook: Any) -> bool:
    command = str(hook.get("command", "")) if isinstance(hook, dict) else ""
    return Path(command.split(" ")[0]).name.removesuffix(".exe") == HOOK or Path(command).name == HOOK
