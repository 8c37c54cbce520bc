"""From a request to an answer: who calls, may they, how often, is it well-formed; then the endpoint's handler."""

from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from airchat.protocol.approvals import is_approval_id
from airchat.protocol.errors import Forbidden, InvalidInput
from airchat.protocol.ids import is_id
from airchat.protocol.names import is_machine_name, is_name
from hub.api.answer import Answer
from hub.api.body import parse_json, read_body
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.envelope import json_body
from hub.api.errors import invalid
from hub.api.limits import RateWindows
from hub.api.site import Site, presented_secret
from hub.core.credentials import Caller
from hub.core.permissions import require

Model = TypeVar("Model", bound=BaseModel)

_NOTHING = Empty()
_PATH_RULES = {
    "id": (is_id, "Invalid id (expected UUID)"),
    "name": (is_name, "Valid name required"),
    "machine": (is_machine_name, "Valid machine name required"),
    "approval": (is_approval_id, "Invalid approval (expected its UUID, or the first eight digits of it)"),
}


class Operation:
    """An endpoint bound to what it works with."""

    def __init__(self, endpoint: Endpoint, cases: UseCases, windows: RateWindows, site: Site) -> None:
        self.endpoint = endpoint
        self._cases = cases
        self._windows = windows
        self._site = site
        self._bucket = endpoint.bucket
        self._writes = endpoint.scope == "write"
        self._takes_query = endpoint.query is not Empty
        self._takes_path = "{" in endpoint.path
        self._body = None if endpoint.reads_body else endpoint.body
        self._bare = self._body is not None and not any(f.is_required() for f in self._body.model_fields.values())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request.

        Raises:
            HubError: what the caller did wrong, or is refused.
        """
        endpoint = self.endpoint
        query: BaseModel = _NOTHING
        if endpoint.checks_first:
            query = self._query(request)
        caller = await self._admit(request) if endpoint.authenticated else None
        data = await self._json(request) if self._body is not None else {}
        if caller is not None and self._bucket is not None:
            self._windows.hit(self._bucket, caller.principal.id)
        path = _path(request) if self._takes_path else {}
        if self._takes_query and not endpoint.checks_first:
            query = self._query(request)
        body = checked(self._body, data) if self._body is not None else _NOTHING
        answer = await endpoint.handler(self._cases, Call(request, path, query, body, caller, self._site))
        if not isinstance(answer, dict) and isinstance(answer, web.StreamResponse):  # the former is quicker to tell
            return answer
        return Answer(json_body(answer, envelope=endpoint.envelope))

    async def _admit(self, request: web.Request) -> Caller:
        endpoint = self.endpoint
        caller = await self._cases.credentials.authenticate(presented_secret(request))
        if self._writes and caller.credential.scope != "write":
            raise Forbidden("This token may only read")
        if endpoint.action is not None:
            require(caller.principal, endpoint.action)
        self._cases.presence.touch(caller.principal)
        return caller

    async def _json(self, request: web.Request) -> dict[str, Any]:
        body = await read_body(request, self.endpoint.body_limit)
        return {} if self._bare and not body else await parse_json(body)

    def _query(self, request: web.Request) -> BaseModel:
        return checked(self.endpoint.query, dict(request.query), strict=False)


def checked(model: type[Model], data: dict[str, Any], *, strict: bool = True) -> Model:
    """Return the validated model.

    Raises:
        InvalidInput: naming the first field that breaks a rule, and the rule.
    """
    try:
        return model.model_validate(data, strict=strict)
    except ValidationError as error:
        raise invalid(model, error) from error


def _path(request: web.Request) -> dict[str, str]:
    path = dict(request.match_info)
    for key, value in path.items():
        rule = _PATH_RULES.get(key)
        if rule is not None and not rule[0](value):
            raise InvalidInput(rule[1], key)
    return path
