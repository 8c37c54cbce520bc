"""Looking for what keeps this machine from talking to its hub, with the repair for each finding."""

import contextlib
import email.utils
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from airchat import repairs
from airchat.call import Reply, Request
from airchat.client import AirChatClient
from airchat.config import AirChatConfig, load_config
from airchat.errors import (
    AirChatAuthError,
    AirChatConfigError,
    AirChatConnectionError,
    AirChatError,
    AirChatRegistrationError,
)
from airchat.identity import open_to_others
from airchat.protocol.limits import REGISTRATION_WINDOW_SECONDS
from airchat.transport import HttpTransport

TIMEOUT = 5.0
PATIENCE = 3.0
UNAUTHENTICATED = 401

_WINDOW = REGISTRATION_WINDOW_SECONDS
_SET_CLOCK = {"darwin": "sudo sntp -sS time.apple.com", "win32": "w32tm /resync"}.get(
    sys.platform, "sudo timedatectl set-ntp true"
)


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
    try:
        config = load_config(config_path=config_path)
        client = AirChatClient(config, project=project, agent_name=agent_name, patience=PATIENCE)
    except AirChatConfigError as error:
        yield Finding(Level.FAILURE, error.text, error.repair)
        return
    yield Finding(Level.OK, f"Configuration: {config.machine_name or 'a token'} at {config.web_url}")
    yield from _keys(config)
    try:
        with contextlib.closing(HttpTransport(config.web_url, TIMEOUT)) as transport:
            reply = transport.send(Request("GET", "/api/v2/whoami", {"accept": "*/*"}))
    except AirChatConnectionError as error:
        yield Finding(Level.FAILURE, str(error), repairs.reach(config.home / "config"))
        return
    yield (answer := _answer(config, reply))
    if answer.level is Level.FAILURE:
        return
    clock = _clock(reply)
    if clock is not None:
        yield clock
    with client:
        yield _agent(client, config, clock)


def _answer(config: AirChatConfig, reply: Reply) -> Finding:
    """Tell whether it is a hub that answers: to one without a key it says so, as JSON."""
    if reply.status == UNAUTHENTICATED and "key" in reply.refusal().text.lower():
        return Finding(Level.OK, f"The hub at {config.web_url} answers")
    text = f"What answers at {config.web_url} is no hub (status {reply.status})"
    if "location" in reply.headers:
        text = f"{text}: {reply.refusal().text}"
    return Finding(Level.FAILURE, text, repairs.address(config.home / "config"))


def _keys(config: AirChatConfig) -> Iterator[Finding]:
    """Check who may read the keys; that of the machine was refused already if others may."""
    folder = config.home / "agents"
    exposed = [path for path in sorted(folder.glob("*.key")) if open_to_others(path)]
    if exposed:
        fix = f"They are replaced at next use. Repair them now: chmod 600 {' '.join(map(str, exposed))}"
        yield Finding(Level.WARNING, f"Others can read {len(exposed)} agent keys", fix)
    elif not config.token:
        yield Finding(Level.OK, "Only you can read the keys")


def _clock(reply: Reply) -> Finding | None:
    moment = email.utils.parsedate_to_datetime(reply.headers["date"]) if "date" in reply.headers else None
    if moment is None:
        return None
    skew = round(time.time() - moment.timestamp())
    if abs(skew) <= _WINDOW // 2:
        return Finding(Level.OK, f"The clocks differ by {abs(skew)} s")
    level = Level.FAILURE if abs(skew) >= _WINDOW else Level.WARNING
    text = f"This machine's clock is {abs(skew)} s {'ahead of' if skew > 0 else 'behind'} the hub's"
    fix = f"Run: {_SET_CLOCK}. If this one is right, do so on the hub. Beyond {_WINDOW} s nobody is registered."
    return Finding(level, text, fix)


def _agent(client: AirChatClient, config: AirChatConfig, clock: Finding | None) -> Finding:
    """Check that the hub knows this machine and agent, by asking it as the agent."""
    name = client.agent_name or "the token's owner"
    try:
        me = client.whoami()
    except AirChatAuthError as error:
        return Finding(Level.FAILURE, str(error), repairs.token(config.home / "config"))
    except AirChatError as error:
        skewed = clock is not None and clock.level is Level.FAILURE and isinstance(error, AirChatRegistrationError)
        fix = "Set the clock first." if skewed else error.repair or "See the hub's log."
        return Finding(Level.FAILURE, f"{name}: {error}", fix)
    return Finding(Level.OK, f"The hub knows you as {me['agent']['name']}")
