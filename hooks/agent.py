"""Who the hook runs for, as far as files and the environment tell. Loads next to nothing: it is asked on every prompt.

The same rules as `airchat.config` and `airchat.identity`, which take longer to import than the rest of a hook to run; a
test holds them together.
"""

import os
import re

COOLDOWN = 300.0
"""Seconds between two looks at the hub, unless AIRCHAT_HOOK_COOLDOWN says otherwise."""


class Agent:
    """An agent of this machine: `name` tells its files apart, `project` is what its name is made of."""

    __slots__ = ("cooldown", "home", "name", "project")

    def __init__(self, home: str, name: str, project: str, cooldown: float) -> None:
        self.home = home
        self.name = name
        self.project = project
        self.cooldown = cooldown

    def cache(self, name: str) -> str:
        """Return the path of a file in the cache."""
        return os.path.join(self.home, "cache", name)


def find_agent() -> Agent | None:
    """Return whom the hook runs for; None on a machine that is not set up."""
    home = os.path.join(os.path.expanduser("~"), ".airchat")
    settings = read_settings(os.path.join(home, "config"))
    settings |= {name: text for name, text in os.environ.items() if text}
    token, machine = settings.get("AIRCHAT_TOKEN"), settings.get("MACHINE_NAME", "")
    if not settings.get("AIRCHAT_WEB_URL") or not (token or machine):
        return None
    project = project_name()
    name = sanitize(f"{machine}-{project}") if machine else f"token-{_mark(token or '')}"
    return Agent(home, name, project, _seconds(settings.get("AIRCHAT_HOOK_COOLDOWN")))


def project_name() -> str:
    """Return the project's name: AIRCHAT_PROJECT, else that of the folder the session was started in."""
    folder = os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd()
    return os.environ.get("AIRCHAT_PROJECT") or os.path.basename(folder.rstrip("/\\"))


def read_settings(path: str) -> dict[str, str]:
    """Return the lines `KEY=VALUE` of a file; a missing one has none."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file.read().splitlines()]
    except FileNotFoundError:
        return {}
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return {key.strip(): value.strip() for key, _, value in pairs}


def sanitize(text: str) -> str:
    """Turn any text into an agent's name."""
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "-", text.lower())).strip("-")[:100]


def _mark(secret: str) -> str:
    """Return what tells the files of one token's owner from those of another."""
    from binascii import crc32  # noqa: PLC0415 - seldom needed

    return f"{crc32(secret.encode()):08x}"


def _seconds(text: str | None) -> float:
    try:
        return max(0.0, float(text)) if text is not None else COOLDOWN
    except ValueError:
        return COOLDOWN
