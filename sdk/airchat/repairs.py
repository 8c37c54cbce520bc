"""What to do when this machine cannot talk to its hub, in words that can be followed as they stand."""

import os
import re
from pathlib import Path


def enrolment(url: str | None = None, machine: str | None = None) -> str:
    """Return how this machine is enrolled, for the first time or anew under the name it has."""
    plain = re.fullmatch(r"http://([^/]+:\d+)", url or "")
    host = plain[1] if plain else url or "HOST"
    invite = f"airchat-hub machines invite {machine or ''}".rstrip()
    return f"On the hub, make a code: {invite}. Then here: airchat join CODE@{host}"


def address(config: Path) -> str:
    """Return how the hub's address is set right, where it is set."""
    return f"Set {_setting('AIRCHAT_WEB_URL', config)} to the address that the hub prints at its start."


def reach(config: Path) -> str:
    """Return what to look at when nothing answers."""
    return (
        "Check that the hub runs (there: airchat-hub doctor), that it listens for other machines (http.host), that"
        f" {_setting('AIRCHAT_WEB_URL', config)} is its address, and the network between."
    )


def token(config: Path) -> str:
    """Return how a token that is no good is replaced, where it is set."""
    setting = _setting("AIRCHAT_TOKEN", config)
    return f"On the hub, make another: airchat-hub tokens create NAME LABEL. Set {setting} to it."


def registration(status: int | None, refusal: str, *, url: str, machine: str, agent: str) -> str | None:
    """Return what to do when the hub refuses to register an agent; None where nobody here can do anything."""
    rename = (
        "Give the agent of this folder another name: export AIRCHAT_PROJECT=OTHER before you start it. If it is so in"
        " every folder, enrol this machine under another name: airchat join CODE@HOST --name OTHER"
    )
    match status:
        case 403 if "deactivated" in refusal:
            return f"On the hub: airchat-hub agents activate {agent}"
        case 403 if "reserved" in refusal:
            return rename
        case 403:
            return f"The hub does not know this machine, or not with this key. {enrolment(url, machine)}"
        case 409 if "owned" in refusal:
            return rename
        case 429:
            return (
                "Too many registrations from here, or the machine has all the agents it may have. Wait a minute;"
                " if that does not help, let an admin of the hub deactivate agents that are not needed any more."
            )
        case _:
            return None


def reading(path: Path, error: Exception | None = None) -> str:
    """Return what to do about a file of ours that cannot be read, or holds nonsense."""
    if isinstance(error, PermissionError):
        return f"Make it yours: sudo chown $USER {path}; chmod 600 {path}"
    return f"Move it away: mv {path} {path}.broken. Then run: airchat doctor"


def _setting(name: str, config: Path) -> str:
    """Return a setting with the place where it is set: the environment comes first."""
    return f"{name} {'in the environment' if os.environ.get(name) else f'in {config}'}"
