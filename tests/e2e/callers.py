"""Agents as plain HTTP callers: a machine is enrolled with a code and registers them, each has a key of its own."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp

from airchat.identity import new_key, public_key, sign
from airchat.protocol.signing import Registration, hash_secret
from tests.hub_process import HubProcess
from tests.waiting import SECONDS

AWAY = (aiohttp.ClientError, OSError, TimeoutError)
"""What a call raises whose hub is not there, or goes while it answers."""
BUSY = 503
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Answer:
    """What the hub answered; `data` is what lies inside the envelope."""

    status: int
    body: Any

    @property
    def data(self) -> Any:
        assert self.status == 200, self
        return self.body["data"]


@dataclass(frozen=True)
class Line:
    """A way to one hub."""

    session: aiohttp.ClientSession
    url: str

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Make one call; names of headers are written with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.url + path, json=body, headers=named) as response:
            return Answer(response.status, json.loads(await response.read()))


@dataclass(frozen=True)
class Caller:
    """An agent with its key, calling one hub."""

    line: Line
    name: str
    key: str
    id: str = ""

    def at(self, line: Line) -> "Caller":
        """Return the same agent calling another hub."""
        return replace(self, line=line)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Make one call."""
        return await self.line.ask(method, path, body, x_agent_api_key=self.key, **headers)

    async def insist(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Repeat the call until a hub answers it that is neither away nor busy."""
        while True:
            try:
                answer = await self.ask(method, path, body, **headers)
            except AWAY:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if answer.status != BUSY:
                return answer
            await asyncio.sleep(PAUSE_SECONDS)


@dataclass(frozen=True)
class Machine:
    """An enrolled machine, which registers agents."""

    name: str
    private_key: str

    def request(self, agent_name: str, key: str, nonce: str | None = None) -> dict[str, str]:
        """Return the signed body of a registration."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        signed = Registration(self.name, agent_name, hash_secret(key), now, nonce or secrets.token_hex(16))
        return {
            "machine_name": signed.machine_name,
            "agent_name": signed.agent_name,
            "derived_key_hash": signed.derived_key_hash,
            "timestamp": signed.timestamp,
            "nonce": signed.nonce,
            "signature": sign(self.private_key, signed),
        }

    async def register(self, line: Line, agent_name: str) -> Caller:
        """Register an agent."""
        key = new_key()
        answer = await line.ask("POST", "/api/v2/register", self.request(agent_name, key))
        assert answer.status == 200, answer
        return Caller(line, agent_name, key, answer.body["agent_id"])

    async def crew(self, line: Line, name: str, size: int) -> list[Caller]:
        """Register several agents: name-1, name-2, …"""
        return [await self.register(line, f"{name}-{number + 1}") for number in range(size)]


async def enrol(hub: HubProcess, line: Line, name: str = "anvil") -> Machine:
    """Enrol a machine at a running hub."""
    private_key = new_key()
    code = await asyncio.to_thread(hub.invite, name)
    body = {"code": code, "machine_name": name, "public_key": public_key(private_key)}
    answer = await line.ask("POST", "/api/v2/join", body)
    assert answer.status == 200, answer
    return Machine(name, private_key)


@contextmanager
def cancelled(*tasks: "asyncio.Future[Any]") -> Iterator[None]:
    """Cancel the tasks at the end, however that comes."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes true in time.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 - what other processes do sets no event of ours
            await asyncio.sleep(0.01)
