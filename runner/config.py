"""Reads `runner.toml`, and environment variables over it.

A variable is called `AIRCHAT_RUNNER__SECTION__KEY`, for agents `AIRCHAT_RUNNER__AGENTS__NAME__KEY`; it wins over the
file. A secret can live in a file of its own: the key `<secret>_file` names it.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from runner.settings import RULES, Settings

ENV_PREFIX = "AIRCHAT_RUNNER__"
CONFIG = "AIRCHAT_RUNNER_CONFIG"
_SECRETS = ("token",)


class SettingsError(Exception):
    """The settings cannot be used; the text names the key and where it was set."""


def default_config() -> Path:
    """Return where `runner.toml` is looked for: where AIRCHAT_RUNNER_CONFIG says, else in the user's folder."""
    named = os.environ.get(CONFIG)
    return Path(named).expanduser() if named else platformdirs.user_config_path("airchat-runner") / "runner.toml"


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the file, the environment, and the files that hold secrets.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or has a value that cannot be.
    """
    raw = _from_file(path)
    origins = _overlay(raw, os.environ if environ is None else environ)
    for name, agent in _agents(raw).items():
        _read_secrets(f"agents.{name}", agent, path)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(_explain(error, path, origins)) from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file; `airchat-runner init` writes one") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error


def _overlay(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Put variables over the file; returns which key came from which variable."""
    origins = {}
    for variable, text in environ.items():
        if not variable.startswith(ENV_PREFIX):
            continue
        place = variable.removeprefix(ENV_PREFIX).lower().split("__")
        if len(place) < 2 or not all(place):
            raise SettingsError(f"{variable}: a setting is called {ENV_PREFIX}SECTION__KEY")
        values = raw
        for depth, part in enumerate(place[:-1]):
            key = _known(values, part) if place[0] == "agents" and depth == 1 else part
            place[depth] = key
            values = values.setdefault(key, {})
            if not isinstance(values, dict):
                raise SettingsError(f"{variable}: {'.'.join(place[: depth + 1])} holds no settings")
        values.pop(place[-1].removesuffix("_file") if place[-1].endswith("_file") else f"{place[-1]}_file", None)
        values[place[-1]] = text
        origins[tuple(place)] = variable
    return origins


def _known(agents: Mapping[str, Any], part: str) -> str:
    """Return an agent's name as the file has it: a variable's name has no dashes."""
    dashed = part.replace("_", "-")
    return next((name for name in agents if name.lower().replace("_", "-") == dashed), dashed)


def _agents(raw: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    agents = raw.get("agents")
    return (
        {name: agent for name, agent in agents.items() if isinstance(agent, dict)} if isinstance(agents, dict) else {}
    )


def _read_secrets(section: str, values: dict[str, Any], source: Path) -> None:
    """Replace each `<secret>_file` by the secret that the file holds; paths begin where runner.toml is."""
    for name in _SECRETS:
        file = values.pop(f"{name}_file", None)
        if file is None:
            continue
        if name in values:
            raise SettingsError(f"{source}: [{section}] has both {name} and {name}_file; keep one")
        try:
            values[name] = (source.parent / Path(str(file)).expanduser()).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{source}: [{section}] {name}_file: {file} cannot be read") from error


def _explain(error: ValidationError, source: Path, origins: Mapping[tuple[str, ...], str]) -> str:
    """Name every key that is wrong; never its value, which may be a secret."""
    lines = []
    for detail in error.errors(include_input=False, include_url=False):
        place = [str(part) for part in detail["loc"] if part != "[key]"]
        longer = (tuple(place[:length]) for length in range(len(place), 0, -1))
        where = next((origins[part] for part in longer if part in origins), f"{source}: {'.'.join(place)}")
        text = RULES.get(detail.get("ctx", {}).get("pattern", ""), detail["msg"].removeprefix("Value error, "))
        known = detail["type"] != "extra_forbidden"
        lines.append(f"{where}: {text if known else 'unknown setting'}")
    return "\n".join(dict.fromkeys(lines))
