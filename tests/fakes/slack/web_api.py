"""``/api/<method>``: checks a call, applies it, answers it; the place where Web API faults strike."""

import asyncio
import math
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tests.fakes.faults import Kind

from . import arguments
from .apps import App
from .arguments import Arguments
from .courier import Courier
from .deliveries import Delivery
from .errors import SlackError
from .faults import BEFORE, Faults
from .interactions import Interactions
from .limits import Limits
from .membership import Membership
from .methods import METHODS, Call, Method
from .settings import Json, Settings
from .timeline import Timeline
from .workspace import Workspace


@dataclass(slots=True, frozen=True)
class Record:
    """A call that came in, and its outcome: ``ok``, an error word, or the kind of fault."""

    method: str
    arguments: Json
    outcome: str


@dataclass(slots=True, kw_only=True)
class WebApi:
    """The Web API over one workspace; ``records`` holds every call in order of arrival."""

    workspace: Workspace
    timeline: Timeline
    membership: Membership
    interactions: Interactions
    courier: Courier
    faults: Faults
    limits: Limits
    settings: Settings
    records: list[Record]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call. What it stored is announced after the answer, unless a fault reverses that."""
        name = request.match_info["method"]
        try:
            given = await arguments.read(request)
            method, app = self._admit(name, request, given)
        except SlackError as error:
            return self._refuse(name, Arguments({}), error)
        if refusal := self._refusal(name, app, method, given):
            return refusal
        if fault := self.faults.take(Kind.HOLD_BEFORE, name):
            await fault.hold.keep()
            return self._dropped(name, given, request, fault.kind)
        if fault := self.faults.take(Kind.COMMIT_LATE, name):
            fault.hold.then(partial(self._late, method, app, given))
            return self._dropped(name, given, request, fault.kind)
        try:
            body, deliveries = self._apply(method, app, given)
        except SlackError as error:
            return self._refuse(name, given, error)
        answer = web.json_response({"ok": True, **body}, headers=_scopes(app))
        try:
            return await self._answer(name, given, request, answer, deliveries)
        finally:
            self.courier.send(deliveries)

    def _late(self, method: Method, app: App, given: Arguments) -> None:
        _, deliveries = self._apply(method, app, given)
        self.courier.send(deliveries)

    def app_of(self, token: str) -> App | None:
        """The app a bot or app token belongs to."""
        return next((app for app in self.workspace.apps.values() if token in {app.bot_token, app.app_token}), None)

    def _admit(self, name: str, request: web.Request, given: Arguments) -> tuple[Method, App]:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        token = bearer(request) or given.text("token")
        if not token:
            raise SlackError("not_authed")
        app = self.app_of(token)
        if app is None:
            raise SlackError("invalid_auth")
        if app.revoked:
            raise SlackError("token_revoked")
        if token != (app.app_token if method.token == "app" else app.bot_token):
            raise SlackError("not_allowed_token_type")
        if method.scope and method.scope not in app.scopes:
            raise SlackError("missing_scope", needed=method.scope, provided=",".join(sorted(app.scopes)))
        return method, app

    def _refusal(self, name: str, app: App, method: Method, given: Arguments) -> web.Response | None:
        channel = given.text("channel")
        wait = self.limits.check(app.id, name, channel, method.tier)
        if wait:
            return self._rate_limited(name, app, given, wait)
        fault = next((fault for kind in BEFORE if (fault := self.faults.take(kind, name))), None)
        if fault is None:
            return None
        if fault.kind is Kind.RATE_LIMIT:
            return self._rate_limited(name, app, given, fault.seconds)
        if fault.kind is Kind.REFUSE:
            return self._refuse(name, given, SlackError(fault.error, **fault.details))
        self._record(name, given, fault.kind)
        return broken(fault.status)

    def _rate_limited(self, name: str, app: App, given: Arguments, wait: float) -> web.Response:
        seconds = math.ceil(wait)
        self.limits.block(app.id, name, given.text("channel"), seconds)
        self._record(name, given, "ratelimited")
        headers = {"Retry-After": str(seconds)}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)

    def _refuse(self, name: str, given: Arguments, error: SlackError) -> web.Response:
        self._record(name, given, error.code)
        return web.json_response({"ok": False, "error": error.code, **error.details})

    def _apply(self, method: Method, app: App, given: Arguments) -> tuple[Json, list[Delivery]]:
        call = Call(
            app=app,
            arguments=given,
            workspace=self.workspace,
            timeline=self.timeline,
            membership=self.membership,
            interactions=self.interactions,
            limits=self.limits,
            sockets=self.courier.sockets(app),
        )
        with self.courier.collecting() as deliveries:
            body = method.run(call)
        return body, deliveries

    async def _answer(
        self, name: str, given: Arguments, request: web.Request, answer: web.Response, deliveries: list[Delivery]
    ) -> web.StreamResponse:
        if self.faults.take(Kind.ECHO_FIRST, name):
            self.courier.send(deliveries)
            await wait_for_acks(deliveries, self.settings.ack_window)
        if fault := self.faults.take(Kind.SLOW, name):
            self.courier.send(deliveries)
            await asyncio.sleep(fault.seconds)
        if fault := self.faults.take(Kind.FAIL_AFTER, name):
            self._record(name, given, fault.kind)
            return broken(fault.status)
        if fault := self.faults.take(Kind.HOLD_AFTER, name):
            self.courier.send(deliveries)
            await fault.hold.keep()
            return self._dropped(name, given, request, fault.kind)
        if self.faults.take(Kind.LOSE_RESPONSE, name):
            return self._dropped(name, given, request, Kind.LOSE_RESPONSE)
        self._record(name, given, "ok")
        await answer.prepare(request)
        await answer.write_eof()
        return answer

    def _dropped(self, name: str, given: Arguments, request: web.Request, kind: Kind) -> web.Response:
        """Close the connection; what is returned goes nowhere."""
        self._record(name, given, kind)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _record(self, name: str, given: Arguments, outcome: str) -> None:
        self.records.append(Record(name, {k: v for k, v in given.values.items() if k != "token"}, outcome))


def _scopes(app: App) -> dict[str, str]:
    return {"X-OAuth-Scopes": ",".join(sorted(app.scopes))}


async def wait_for_acks(deliveries: list[Delivery], seconds: float) -> None:
    """Wait until the deliveries are over, at most this long."""
    try:
        async with asyncio.timeout(seconds):
            for delivery in deliveries:
                await delivery.done.wait()
    except TimeoutError:
        return


def bearer(request: web.Request) -> str:
    """The token in the Authorization header, or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def broken(status: int) -> web.Response:
    """What a failing server sends: an error page, not JSON."""
    return web.Response(status=status, text="<html><body>upstream error</body></html>", content_type="text/html")
