"""A hub that answers what a test tells it to, behind the real client library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from airchat.call import Reply, Request

WHOAMI = "/api/v2/whoami"

Answer = Mapping[str, Any] | Reply | Exception


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the hub saw it; `params` has one value per name."""

    method: str
    path: str
    params: dict[str, str]
    body: Any
    key: str | None


@dataclass
class ScriptedHub:
    """Answers by method and path, such as `GET /api/v2/board`; a list is used up one by one. Unknown paths get 404."""

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def calls(self) -> list[Asked]:
        """What tools asked: everything but the sign-in, which happens at any time."""
        return [asked for asked in self.asked if asked.path != WHOAMI]

    async def send(self, request: Request) -> Reply:
        url = urlsplit(request.target)
        params = {name: values[0] for name, values in parse_qs(url.query).items()}
        body = json.loads(request.body) if request.body else None
        self.asked.append(Asked(request.method, url.path, params, body, request.headers.get("idempotency-key")))
        answer = self.answers.get(f"{request.method} {url.path}", refusal(404, "No such path"))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else reply({"_airchat": "response", "_notice": "", "data": answer})

    async def open(self, request: Request) -> Reply:
        return await self.send(request)

    async def close(self) -> None: ...


def reply(value: object, status: int = 200) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(value).encode())


def refusal(status: int, text: str, **more: object) -> Reply:
    return reply({"error": text, **more}, status)


def message(number: int, content: str, **changes: object) -> dict[str, Any]:
    """Return a message row as the hub sends it."""
    return {
        "id": uuid(number),
        "channel_id": uuid(900),
        "channel_name": "general",
        "number": number,
        "author_agent_id": uuid(800),
        "author_name": "server-api",
        "author_display": None,
        "content": content,
        "metadata": None,
        "parent_message_id": None,
        "created_at": f"2026-01-31T08:15:{number:02}.000000+00:00",
        "deleted_at": None,
        "origin": {"platform": "hub", "verified": True},
        "trust": "agent",
    } | changes


def uuid(number: int) -> str:
    return f"01890000-0000-7000-8000-{number:012}"
