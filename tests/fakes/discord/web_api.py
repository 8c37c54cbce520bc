"""``/api/v10``: checks a call, applies it, answers it; the place where REST faults strike."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.faults import Kind

from .apps import App
from .errors import ApiError, unauthorized
from .events import Event
from .faults import Fault, Faults
from .gateway import Gateway
from .guild import Guild
from .interactions import Interactions
from .limits import Bucket, Limits
from .routes import ROUTES, Call, Route, Upload
from .settings import Json, Settings
from .timeline import Timeline

PREFIX = "/api/v10"
_PAGE = "<html><body>upstream error</body></html>"
_NOT_FOUND = ApiError(404, 0, "404: Not Found")


@dataclass(slots=True, frozen=True)
class Record:
    """A call that came in, and its outcome: ``ok``, an error code, or the kind of fault."""

    call: str
    query: dict[str, str]
    body: Any
    outcome: str


@dataclass(slots=True, frozen=True)
class Body:
    """What a call carries."""

    content: Any
    uploads: dict[str, Upload]


@dataclass(slots=True, kw_only=True)
class WebApi:
    """The REST API over one guild; ``records`` holds every call in order of arrival."""

    guild: Guild
    timeline: Timeline
    interactions: Interactions
    gateway: Gateway
    faults: Faults
    limits: Limits
    settings: Settings
    records: list[Record]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call. What it stored is announced after the answer, unless a fault reverses that."""
        path = request.path.removeprefix(PREFIX)
        name = f"{request.method} {path}"
        body = await _body(request)
        found = _route(request.method, path)
        if found is None:
            return self._refuse(name, request, body, _NOT_FOUND)
        route, args = found
        app = self._caller(request)
        if app is None and not route.open:
            return self._refuse(name, request, body, unauthorized())
        bucket = self._bucket(route, args, body.content)
        if refusal := self._refusal(name, request, body, bucket, by_bot=not route.open):
            return refusal
        if kind := await self._broken_off(name, partial(self._late, route, app, args, request, body)):
            return self._dropped(name, request, body, kind)
        try:
            answer, events = self._apply(route, app, args, request, body)
        except ApiError as error:
            return self._refuse(name, request, body, error, bucket)
        response = _json(answer, 200 if answer is not None else 204, self.limits.headers(bucket))
        try:
            return await self._answer(name, request, body, response, events)
        finally:
            self.gateway.send(events)

    async def _broken_off(self, name: str, late: Callable[[], None]) -> Kind | None:
        """Return the fault that leaves a call without an answer, and with nothing stored for now."""
        if fault := self.faults.take(Kind.HOLD_BEFORE, name):
            await fault.hold.keep()
        elif fault := self.faults.take(Kind.COMMIT_LATE, name):
            fault.hold.then(late)
        return None if fault is None else fault.kind

    def _late(self, route: Route, app: App | None, args: dict[str, str], request: web.Request, body: Body) -> None:
        _, events = self._apply(route, app, args, request, body)
        self.gateway.send(events)

    def _caller(self, request: web.Request) -> App | None:
        token = request.headers.get("Authorization", "").removeprefix("Bot ")
        return next((app for app in self.guild.apps.values() if app.token == token), None)

    def _bucket(self, route: Route, args: dict[str, str], body: Any) -> Bucket:
        settings, name = self.settings, f"{route.method} {route.template}"
        major = args.get("channel") or args.get("webhook") or args.get("guild") or ""
        if route.kind == "webhook":
            hook = self.guild.webhooks.get(args["webhook"])
            hidden = (f"posts {hook.channel_id}", settings.channel_rate) if hook and route.method == "POST" else None
            return Bucket(name, f"{major}/{args['token']}", settings.webhook_rate, hidden)
        if route.kind == "channel" and isinstance(body, dict) and {"name", "topic"} & body.keys():
            return Bucket(name, major, settings.other_rate, (f"topic {major}", settings.topic_rate))
        if route.kind == "reaction":
            return Bucket("reactions", major, settings.reaction_rate)
        return Bucket(name, major, settings.post_rate if route.kind == "post" else settings.other_rate)

    def _refusal(
        self, name: str, request: web.Request, body: Body, bucket: Bucket, *, by_bot: bool
    ) -> web.Response | None:
        wait, scope = self.limits.check(bucket, by_bot=by_bot)
        if wait:
            return self._limited(name, request, body, bucket, wait=wait, scope=scope)
        fault = self._before(name)
        if fault is None:
            return None
        if fault.kind is Kind.RATE_LIMIT:
            scope = "global" if fault.everywhere else "user"
            return self._limited(name, request, body, bucket, wait=fault.seconds, scope=scope)
        if fault.kind is Kind.REFUSE:
            return self._refuse(name, request, body, ApiError(fault.status, fault.code, "refused"), bucket)
        self._record(name, request, body, fault.kind)
        if fault.kind is Kind.CLOUDFLARE:
            headers = {"Retry-After": f"{fault.seconds:g}"}
            return web.Response(status=429, text=_PAGE, content_type="text/html", headers=headers)
        return web.Response(status=fault.status, text=_PAGE, content_type="text/html")

    def _before(self, name: str) -> Fault | None:
        kinds = (Kind.RATE_LIMIT, Kind.CLOUDFLARE, Kind.FAIL_BEFORE, Kind.REFUSE)
        return next((fault for kind in kinds if (fault := self.faults.take(kind, name))), None)

    def _limited(
        self, name: str, request: web.Request, body: Body, bucket: Bucket, *, wait: float, scope: str
    ) -> web.Response:
        everywhere = scope == "global"
        self.limits.block(bucket, wait, everywhere=everywhere)
        self._record(name, request, body, "429")
        headers = {} if everywhere else self.limits.headers(bucket)
        headers |= {"Via": "1.1 google", "X-RateLimit-Scope": scope, "Retry-After": f"{wait:.0f}"}
        headers |= {"X-RateLimit-Global": "true"} if everywhere else {}
        text = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": everywhere}
        return _json(text, 429, headers)

    def _refuse(
        self, name: str, request: web.Request, body: Body, error: ApiError, bucket: Bucket | None = None
    ) -> web.Response:
        self._record(name, request, body, str(error.body["code"]))
        return _json(error.body, error.status, self.limits.headers(bucket) if bucket else {})

    def _apply(
        self, route: Route, app: App | None, args: dict[str, str], request: web.Request, body: Body
    ) -> tuple[Any, list[Event]]:
        call = Call(
            caller=app,
            guild=self.guild,
            timeline=self.timeline,
            interactions=self.interactions,
            args=args,
            query=dict(request.query),
            body=body.content,
            uploads=body.uploads,
        )
        with self.gateway.collecting() as events:
            answer = route.run(call)
        return answer, events

    async def _answer(
        self, name: str, request: web.Request, body: Body, answer: web.Response, events: list[Event]
    ) -> web.StreamResponse:
        for kind in (Kind.ECHO_FIRST, Kind.SLOW):
            if fault := self.faults.take(kind, name):
                self.gateway.send(events)
                await asyncio.sleep(fault.seconds)
        if fault := self.faults.take(Kind.FAIL_AFTER, name):
            self._record(name, request, body, fault.kind)
            return web.Response(status=fault.status, text=_PAGE, content_type="text/html")
        if fault := self.faults.take(Kind.HOLD_AFTER, name):
            self.gateway.send(events)
            await fault.hold.keep()
            return self._dropped(name, request, body, fault.kind)
        if self.faults.take(Kind.LOSE_RESPONSE, name):
            return self._dropped(name, request, body, Kind.LOSE_RESPONSE)
        self._record(name, request, body, "ok")
        with suppress(ConnectionError):  # who asked may be gone
            await answer.prepare(request)
            await answer.write_eof()
        return answer

    def _dropped(self, name: str, request: web.Request, body: Body, kind: Kind) -> web.Response:
        """Close the connection; what is returned goes nowhere."""
        self._record(name, request, body, kind)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _record(self, name: str, request: web.Request, body: Body, outcome: str) -> None:
        self.records.append(Record(name, dict(request.query), body.content, outcome))


def _route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match:
            return route, match.groupdict()
    return None


def _json(body: Any, status: int, headers: dict[str, str]) -> web.Response:
    """An answer whose type is exactly ``application/json``: clients compare it."""
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json", headers=headers)


async def _body(request: web.Request) -> Body:
    if request.content_type == "application/json":
        text = await request.text()
        return Body(json.loads(text) if text else {}, {})
    if not request.content_type.startswith("multipart/"):
        return Body({}, {})
    content: Json = {}
    uploads: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        name, data = part.name or "", bytes(await part.read())
        if name == "payload_json":
            content = json.loads(data)
        elif name.startswith("files["):
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[name[6:-1]] = Upload(part.filename or "unknown", data, kind)
    return Body(content, uploads)
