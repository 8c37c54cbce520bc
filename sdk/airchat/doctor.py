"""Looking for what keeps this machine from talking to its hub, with the repair for each finding."""

import contextlib
import email.utils
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from airchat.call import Reply, Request
from airchat.client import AirChatClient
from airchat.config import WEB_URL, AirChatConfig, load_config
from airchat.errors import (
    AirChatAuthError,
    AirChatConfigError,
    AirChatConnectionError,
    AirChatError,
    AirChatRegistrationError,
)
from airchat.identity import default_home, open_to_others
from airchat.protocol.limits import REGISTRATION_WINDOW_SECONDS
from airchat.transport import HttpTransport

TIMEOUT = 5.0
PATIENCE = 3.0
UNAUTHENTICATED = 401


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    level: Level
    text: str
    fix: str | None = None


def examine(
    *, config_path: str | None = None, project: str | None = None, agent_name: str | None = None
) -> list[Finding]:
    """Check configuration, keys, the hub, the clock and this agent; stops where nothing further can work."""
    return list(_examine(config_path, project, agent_name))


def _examine(config_path: str | None, project: str | None, agent_name: str | None) -> Iterator[Finding]:
    home = Path(config_path).parent if config_path else default_home()
    try:
        config = load_config(config_path=config_path)
        client = AirChatClient(config, project=project, agent_name=agent_name, patience=PATIENCE)
    except AirChatConfigError as error:
        yield _unusable(home / "machine.key", error)
        return
    yield Finding(Level.OK, f"Configuration: {config.machine_name or 'a token'} at {config.web_url}")
    yield from _keys(config)
    try:
        with contextlib.closing(HttpTransport(config.web_url, TIMEOUT)) as transport:
            reply = transport.send(Request("GET", "/api/v2/whoami", {"accept": "*/*"}))
    except AirChatConnectionError as error:
        yield Finding(Level.FAILURE, str(error), "Check that the hub runs, AIRCHAT_WEB_URL, and the network between.")
        return
    yield (answer := _answer(config, reply))
    if answer.level is Level.FAILURE:
        return
    yield from _clock(reply)
    with client:
        yield _agent(client)


def _unusable(key: Path, error: AirChatConfigError) -> Finding:
    """Tell what to do about a configuration with which nothing can be asked."""
    if key.exists() and open_to_others(key):
        return Finding(Level.FAILURE, str(error), f"Run: chmod 600 {key}")
    return Finding(Level.FAILURE, str(error), "Enrol this machine: airchat join CODE@HOST")


def _answer(config: AirChatConfig, reply: Reply) -> Finding:
    """Tell whether it is a hub that answers: to one without a key it says so, as JSON."""
    if reply.status == UNAUTHENTICATED and "key" in reply.refusal().text.lower():
        return Finding(Level.OK, f"The hub at {config.web_url} answers")
    text = f"What answers at {config.web_url} is no hub (status {reply.status})"
    if "location" in reply.headers:
        text = f"{text}: {reply.refusal().text}"
    return Finding(
        Level.FAILURE,
        text,
        f"Set {WEB_URL} in {config.home / 'config'} to the address that the hub prints at its start.",
    )


def _keys(config: AirChatConfig) -> Iterator[Finding]:
    """Check who may read the keys; that of the machine was refused already if others may."""
    folder = config.home / "agents"
    exposed = [path for path in sorted(folder.glob("*.key")) if open_to_others(path)]
    if exposed:
        fix = f"They are replaced at next use. Repair them now: chmod 600 {' '.join(map(str, exposed))}"
        yield Finding(Level.WARNING, f"Others can read {len(exposed)} agent keys", fix)
    elif not config.token:
        yield Finding(Level.OK, "Only you can read the keys")


def _clock(reply: Reply) -> Iterator[Finding]:
    moment = email.utils.parsedate_to_datetime(reply.headers["date"]) if "date" in reply.headers else None
    if moment is None:
        return
    skew = round(time.time() - moment.timestamp())
    if abs(skew) <= REGISTRATION_WINDOW_SECONDS // 2:
        yield Finding(Level.OK, f"The clocks differ by {abs(skew)} s")
        return
    level = Level.FAILURE if abs(skew) >= REGISTRATION_WINDOW_SECONDS else Level.WARNING
    text = f"This machine's clock is {abs(skew)} s {'ahead of' if skew > 0 else 'behind'} the hub's"
    yield Finding(level, text, f"Set it by NTP: registrations are refused beyond {REGISTRATION_WINDOW_SECONDS} s.")


def _agent(client: AirChatClient) -> Finding:
    """Check that the hub knows this machine and agent, by asking it as the agent."""
    name = client.agent_name or "the token's owner"
    try:
        me = client.whoami()
    except AirChatAuthError as error:
        return Finding(Level.FAILURE, str(error), "Ask an admin of the hub for a new token.")
    except AirChatRegistrationError as error:
        return Finding(Level.FAILURE, f"{name}: {error}", _REPAIRS.get(error.status or 0))
    except AirChatError as error:
        return Finding(Level.FAILURE, f"{name}: {error}", "See the hub's log.")
    return Finding(Level.OK, f"The hub knows you as {me['agent']['name']}")


_REPAIRS = {
    403: "The hub does not know this machine, or not with this key, or the agent is deactivated. "
    "Enrol again with a code from an admin of the hub: airchat join CODE@HOST",
    409: "Another machine has an agent of that name, so two machines share one MACHINE_NAME. "
    "Change it here, in ~/.airchat/config, and enrol again.",
    429: "Too many registrations from here, or the machine has all the agents it may have. "
    "Wait a minute; if that does not help, ask an admin of the hub.",
}
