"""Which hub to talk to, and as whom: `~/.airchat/config` and the environment, which wins.

The file has lines `KEY=VALUE` and comments after `#`. Keys: AIRCHAT_WEB_URL (the hub), MACHINE_NAME, and AIRCHAT_TOKEN
for people and programs that use a token instead of a machine's key.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from airchat import repairs
from airchat.errors import AirChatConfigError
from airchat.identity import default_home, derive_agent_name, load_private_key, make_private_folder, write_private

WEB_URL = "AIRCHAT_WEB_URL"
MACHINE_NAME = "MACHINE_NAME"
TOKEN = "AIRCHAT_TOKEN"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True)
class AirChatConfig:
    """Where the hub is and who calls: a machine's private key (hex), or a token, which then needs no key."""

    web_url: str
    machine_name: str
    private_key_hex: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    home: Path = field(default_factory=default_home)

    def agent_name(self, project: str | None) -> str:
        """Return `<machine>-<project>`; empty for a token, whose owner the hub knows.

        Raises:
            AirChatConfigError: machine and project make no usable name.
        """
        return "" if self.token and not self.machine_name else derive_agent_name(self.machine_name, project)


def load_config(
    *,
    config_path: str | Path | None = None,
    project_name: str | None = None,  # noqa: ARG001 - older callers pass it
) -> AirChatConfig:
    """Read the configuration; keys lie beside the file. `project_name` changes nothing.

    Raises:
        AirChatConfigError: a setting is missing or wrong, or the machine key is unusable; the text says what to do.
    """
    path = Path(config_path) if config_path else default_home() / "config"
    values = {
        **read_config(path),
        **{name: os.environ[name] for name in (WEB_URL, MACHINE_NAME, TOKEN) if os.environ.get(name)},
    }
    token = values.get(TOKEN)
    missing = [name for name in (WEB_URL, *(() if token else (MACHINE_NAME,))) if not values.get(name)]
    if missing:
        raise AirChatConfigError(
            f"Missing required config: {', '.join(missing)}.",
            f"Set as env vars or in {path}, or enrol this machine. {repairs.enrolment(values.get(WEB_URL))}",
        )
    return AirChatConfig(
        web_url=check_url(values[WEB_URL], repairs.address(path)),
        machine_name=values.get(MACHINE_NAME, ""),
        private_key_hex=""
        if token
        else load_private_key(
            path.parent / "machine.key", repairs.enrolment(values[WEB_URL], values.get(MACHINE_NAME))
        ),
        token=token,
        home=path.parent,
    )


def read_config(path: Path) -> dict[str, str]:
    """Return the settings of a configuration file; a missing file has none.

    Raises:
        AirChatConfigError: the file cannot be read.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise AirChatConfigError(
            f"The configuration {path} cannot be read: {error}.", repairs.reading(path, error)
        ) from error
    pairs = (line.partition("=") for line in map(str.strip, lines) if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}


def write_config(home: Path, values: dict[str, str]) -> Path:
    """Set values in `home`/config, keeping all other lines; returns the file's path."""
    path = home / "config"
    make_private_folder(home)
    kept = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in kept if line.partition("=")[0].strip() not in values]
    lines = [*kept, *(f"{key}={value}" for key, value in values.items())]
    write_private(path, "\n".join(lines) + "\n")
    return path


def check_url(text: str, repair: str | None = None) -> str:
    """Return the hub's URL without a slash at its end; `repair` is what to do if it is none.

    Raises:
        AirChatConfigError: it is no http or https URL with a host.
    """
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and not parts.query
    except ValueError:
        usable = False
    if not usable:
        raise AirChatConfigError(f"{WEB_URL} must look like http://host:3003, not {text!r}.", repair)
    return text.rstrip("/")
