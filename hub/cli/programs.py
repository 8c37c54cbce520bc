"""Programs that run as somebody of the hub: each gets a token of its own in its environment, which ends with it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING

from airchat.protocol.principals import Role
from hub.cli.session import administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration
    from hub.sections import IrcSection

_LABEL = "run"
_ALL = 100_000
_GRACE_SECONDS = 5.0
_NEAREST = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where a hub listens that listens everywhere


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets a program in as somebody. `secret` stands in its environment alone, never in arguments or output."""

    name: str
    token_id: str
    secret: str
    address: str


@contextmanager
def lent_pass(config: Path | None, name: str, *, agent: bool) -> Iterator[Pass]:
    """Give a pass for the agent or person, who is made if need be; it is worth nothing afterwards."""

    async def lend(hub: "Administration") -> Pass:
        if agent:
            if name not in {one.principal.name for one in await hub.cases.agents.find(limit=_ALL, inactive=True)}:
                await hub.cases.agents.add(hub.actor, name)
        elif name not in {one.principal.name for one in await hub.cases.people.list(hub.actor)}:
            await hub.cases.people.create(hub.actor, name, None, None, Role.MEMBER, None)
        token, secret = await hub.cases.credentials.create_token(hub.actor, name, _LABEL)
        return Pass(name, token.id, secret, hub.address)

    lent = administer(config, lend)

    async def take_back(hub: "Administration") -> None:
        await hub.cases.credentials.revoke(hub.actor, lent.token_id)

    try:
        yield lent
    finally:
        administer(config, take_back)


def environment(irc: "IrcSection", lent: Pass, channels: str) -> dict[str, str]:
    """Return the environment of a program: this one, where the hub is, and as whom to come."""
    host, port = irc_address(irc)
    own = {name: text for name, text in os.environ.items() if not name.startswith("AIRCHAT_HUB__")}
    return own | {
        "AIRCHAT_WEB_URL": lent.address,
        "AIRCHAT_TOKEN": lent.secret,
        "AIRCD_HOST": host,
        "AIRCD_PORT": str(port),
        "AIRCD_TOKEN": lent.secret,
        "AIRCD_NICK": lent.name,
        "AIRCD_CHANNELS": channels,
    }


def irc_address(irc: "IrcSection") -> tuple[str, int]:
    """Return where programs on this machine reach the IRC server."""
    return _NEAREST.get(irc.host, irc.host), irc.port


def start(
    command: Sequence[str], env: Mapping[str, str], folder: Path | None = None, log: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program: at this terminal, or with a log apart from it, where Ctrl-C does not reach it."""
    if log is None:
        return subprocess.Popen(command, env=env, cwd=folder)
    return subprocess.Popen(
        command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask programs, and what those apart from this terminal have started, to end; end those that do not."""
    for process in processes:
        _send(process, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _send(process, signal.SIGKILL)
            process.wait()


def _send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is not None:
        return
    if os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Within, SIGTERM ends what is done as Ctrl-C does: by KeyboardInterrupt."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
