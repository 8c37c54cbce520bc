"""A hub for the tests of its API: real sockets on the loopback interface, a store in memory, keys for everybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Agent, Credential, CredentialKind, Kind, Principal, Role
from airchat.protocol.rows import principal_row
from airchat.protocol.signing import hash_secret
from hub.app import Hub, running_hub
from hub.settings import Settings
from store.ports.unit import Unit


@dataclass(frozen=True)
class Answer:
    """What the hub answered; `data` is what lies inside the envelope, if there is one."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Any:
        return self.body["data"]


@dataclass(frozen=True)
class Caller:
    """Somebody with a key."""

    site: "Site"
    principal: Principal
    key: str

    @property
    def name(self) -> str:
        return self.principal.name

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        headers = {"x-agent-api-key": self.key} | how.pop("headers", {})
        return await self.site.ask(method, path, headers=headers, **how)

    async def get(self, path: str, /, **query: Any) -> Answer:
        return await self.ask("GET", path, params=query)

    async def post(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self.ask("POST", path, json=body, **how)


@dataclass(frozen=True)
class Site:
    """A running hub and a connection to it."""

    hub: Hub
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        async with self.session.request(method, f"{self.hub.address}{path}", **how) as response:
            json = response.content_type == "application/json"
            body = await response.json() if json else await response.read()
            return Answer(response.status, body, dict(response.headers))

    async def caller(
        self, name: str, role: Role = Role.MEMBER, kind: Kind = Kind.AGENT, scope: str = "write"
    ) -> Caller:
        """Introduce somebody, without registration's ceremony."""
        now = self.hub.clock()
        principal = Principal(new_id(now), kind, name, role, now)
        key = f"key of {name}"
        credential = Credential(new_id(now), principal.id, CredentialKind.TOKEN, "test", scope, now)

        async def introduce(unit: Unit) -> None:
            await unit.principals.save(principal)
            if kind is Kind.AGENT:
                agent = Agent(principal)
                await unit.agents.save(principal.id, agent.machine_id, agent.description, agent.card)
            else:
                await unit.people.save(principal.id, None)
            await unit.credentials.add(credential, hash_secret(key))
            row = principal_row(principal)
            await unit.events.append(
                [EventDraft(EventKind.PRINCIPAL_CHANGED, now, principal.id, subject_id=principal.id, data=row)]
            )

        await self.hub.store.write(introduce, "registration")
        return Caller(self, principal, key)


def settings_for(folder: Path, **sections: dict[str, Any]) -> Settings:
    """Return the settings of a hub in memory on any free port, with no limits a test could run into."""
    given: dict[str, dict[str, Any]] = {
        "hub": {"state_dir": folder},
        "http": {"port": 0},
        "irc": {"port": 0},
        "store": {"url": "memory:"},
        "limits": {"read": 0, "write": 0, "upkeep": 0},
    }
    for section, values in sections.items():
        given[section] = given.get(section, {}) | values
    return Settings.model_validate(given)


@asynccontextmanager
async def running_site(settings: Settings) -> AsyncIterator[Site]:
    async with running_hub(settings) as hub, aiohttp.ClientSession() as session:
        yield Site(hub, session)
