"""The fake hub itself: clients, routes, keys, envelope, idempotency."""

import json
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from airchat.async_client import AsyncAirChatClient
from airchat.call import Reply, Request, Row
from airchat.client import AirChatClient
from airchat.config import AirChatConfig
from airchat.identity import derive_agent_name, new_key
from airchat.protocol.cards import parse_card
from airchat.protocol.errors import HubError, NotFound, Unauthenticated
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Agent, Kind, Principal, Role
from airchat.protocol.timestamps import SECOND
from airchat.testing import agents, approvals, files, inbox, messages, reservations, tasks, usage
from airchat.testing.state import Given, State

URL = "http://fake-hub.invalid"
Handler = Callable[[State, Given], Row | Reply]


class FakeHub:
    """A hub in memory. Each client it makes is an agent of its own, or the same one when made with the same names."""

    def __init__(self) -> None:
        self.state = State()
        self._keys: dict[str, str] = {}
        self._repeated: dict[tuple[str, str], Reply] = {}

    def client(self, project: str, *, machine: str = "fake", card: Mapping[str, Any] | None = None) -> AirChatClient:
        """Return the client of agent `<machine>-<project>`."""
        config = self._enrol(machine, project, card)
        return AirChatClient(config, project=project, card=card, transport=InMemoryTransport(self))

    def async_client(
        self, project: str, *, machine: str = "fake", card: Mapping[str, Any] | None = None
    ) -> AsyncAirChatClient:
        """Return the asynchronous client of agent `<machine>-<project>`."""
        config = self._enrol(machine, project, card)
        return AsyncAirChatClient(config, project=project, card=card, transport=AsyncInMemoryTransport(self))

    def handle(self, request: Request) -> Reply:
        """Answer a request as a hub would."""
        try:
            return self._answer(request)
        except HubError as error:
            body = {"error": str(error), "code": error.code}
            return Reply(error.status, {"content-type": "application/json"}, json.dumps(body).encode())

    def _enrol(self, machine: str, project: str, card: Mapping[str, Any] | None) -> AirChatConfig:
        name, key, now = derive_agent_name(machine, project), new_key(), self.state.now()
        agent = self.state.agent_by_name(name)
        if agent is None:
            principal = Principal(new_id(now), Kind.AGENT, name, Role.MEMBER, now, last_seen_at=now)
            agent = Agent(principal, machine, machine, card=parse_card(dict(card)) if card else None)
            self.state.agents[principal.id] = agent
        self._keys[key] = agent.principal.id
        return AirChatConfig(URL, machine, "", token=key)

    def _answer(self, request: Request) -> Reply:
        actor = self.state.agents.get(self._keys.get(request.headers.get("x-agent-api-key", ""), ""))
        if actor is None:
            raise Unauthenticated("Invalid API key")
        repeated = actor.principal.id, request.headers.get("idempotency-key", "")
        if repeated[1] and repeated in self._repeated:
            return self._repeated[repeated]
        target = urlsplit(request.target)
        handler, path = _route(request.method, target.path)
        body = json.loads(request.body) if request.body else {}
        answer = handler(self.state, Given(actor, path, dict(parse_qsl(target.query)), body))
        reply = answer if isinstance(answer, Reply) else self._reply(target.path, answer)
        if repeated[1]:
            self._repeated[repeated] = reply
        return reply

    def _reply(self, path: str, data: Row) -> Reply:
        body = {"_airchat": "response", "data": data} if path.startswith("/api/v2/") else data
        date = formatdate(self.state.clock() // SECOND, usegmt=True)
        return Reply(200, {"content-type": "application/json", "date": date}, json.dumps(body).encode())


class InMemoryTransport:
    """Asks a fake hub directly."""

    def __init__(self, hub: FakeHub) -> None:
        self._hub = hub

    def send(self, request: Request) -> Reply:
        """Return the hub's answer."""
        return self._hub.handle(request)

    def open(self, request: Request) -> Reply:
        """Return a refusal: the fake hub has no stream."""
        return self._hub.handle(request)

    def close(self) -> None:
        """Do nothing."""


class AsyncInMemoryTransport:
    """Asks a fake hub directly."""

    def __init__(self, hub: FakeHub) -> None:
        self._hub = hub

    async def send(self, request: Request) -> Reply:
        """Return the hub's answer."""
        return self._hub.handle(request)

    async def open(self, request: Request) -> Reply:
        """Return a refusal: the fake hub has no stream."""
        return self._hub.handle(request)

    async def close(self) -> None:
        """Do nothing."""


def _route(method: str, path: str) -> tuple[Handler, dict[str, str]]:
    parts = path.split("/")
    for (verb, pattern), handler in _ROUTES.items():
        wanted = pattern.split("/")
        if verb == method and len(wanted) == len(parts):
            pairs = list(zip(wanted, parts, strict=True))
            if all(want.startswith("{") or want == part for want, part in pairs):
                return handler, {want[1:-1]: unquote(part) for want, part in pairs if want.startswith("{")}
    raise NotFound(f"The fake hub has no {method} {path}")


_ONE = "/api/v2/messages/{id}"
_ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/api/v2/board"): messages.board,
    ("GET", "/api/v2/channels"): messages.channels,
    ("GET", "/api/v2/channels/{name}"): messages.channel,
    ("PATCH", "/api/v2/channels/{name}"): messages.channel,
    ("PUT", "/api/v2/channels/{name}/members/me"): messages.join,
    ("DELETE", "/api/v2/channels/{name}/members/me"): messages.leave,
    ("GET", "/api/v2/messages"): messages.read,
    ("POST", "/api/v2/messages"): messages.post,
    ("POST", "/api/v2/dm"): messages.direct,
    ("GET", _ONE): messages.get,
    ("PATCH", _ONE): messages.edit,
    ("DELETE", _ONE): messages.delete,
    ("GET", _ONE + "/thread"): messages.thread,
    ("GET", _ONE + "/revisions"): messages.revisions,
    ("GET", _ONE + "/receipts"): messages.receipts,
    ("PUT", _ONE + "/reactions/{emoji}"): messages.react,
    ("DELETE", _ONE + "/reactions/{emoji}"): messages.unreact,
    ("PUT", _ONE + "/pin"): messages.pin,
    ("DELETE", _ONE + "/pin"): messages.unpin,
    ("GET", "/api/v2/search"): inbox.search,
    ("GET", "/api/v2/mentions"): inbox.mentions,
    ("POST", "/api/v2/mentions"): inbox.mark_read,
    ("GET", "/api/v2/inbox"): inbox.take,
    ("POST", "/api/v2/inbox/ack"): inbox.ack,
    ("GET", "/api/v2/work"): tasks.work,
    ("GET", "/api/v2/tasks"): tasks.tasks,
    ("POST", "/api/v2/tasks"): tasks.create,
    ("GET", "/api/v2/tasks/{id}"): tasks.get,
    ("POST", "/api/v2/tasks/{id}"): tasks.act,
    ("GET", "/api/v2/approvals"): approvals.approvals,
    ("POST", "/api/v2/approvals"): approvals.request,
    ("GET", "/api/v2/approvals/{id}"): approvals.get,
    ("POST", "/api/v2/approvals/{id}"): approvals.answer,
    ("GET", "/api/v2/reservations"): reservations.reservations,
    ("POST", "/api/v2/reservations"): reservations.reserve,
    ("DELETE", "/api/v2/reservations/{id}"): reservations.release,
    ("GET", "/api/v2/usage"): usage.usage,
    ("POST", "/api/v2/usage"): usage.report,
    ("POST", "/api/v2/usage/report"): usage.report_session,
    ("POST", "/api/v2/usage/served"): usage.report,
    ("GET", "/api/v2/guards"): usage.held,
    ("POST", "/api/v2/guards/continue"): usage.go_on,
    ("GET", "/api/v2/agents"): agents.find,
    ("POST", "/api/v2/agents/card"): agents.set_card,
    ("GET", "/api/v2/whoami"): agents.whoami,
    ("POST", "/api/v2/presence"): agents.present,
    ("PUT", "/api/files"): files.upload,
    ("GET", "/api/files"): files.download,
    ("POST", "/api/files"): files.files,
    ("DELETE", "/api/files"): files.delete,
}
