"""What an endpoint is: one row of the table from which routes, validation, OpenAPI and docs are made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel

from airchat.protocol.errors import Unauthenticated
from airchat.protocol.principals import Principal
from airchat.protocol.record import record
from hub.api.cases import UseCases
from hub.api.site import MISSING_KEY, Site
from hub.core.credentials import Caller
from hub.core.permissions import Action

JSON = "application/json"


class Empty(BaseModel):
    """The query of an endpoint that takes none, and the body of one that takes none."""


Query = TypeVar("Query", bound=BaseModel)
Body = TypeVar("Body", bound=BaseModel)


class Bucket(StrEnum):
    """Which of a principal's rate windows a request counts in."""

    READ = "read"
    WRITE = "write"
    UPKEEP = "upkeep"
    MCP = "mcp"


@record
class Call(Generic[Query, Body]):
    """A request that passed authentication, limits and validation.

    `path` holds the checked path parameters; `caller` is None on endpoints without authentication.
    """

    request: web.Request
    path: Mapping[str, str]
    query: Query
    body: Body
    caller: Caller | None
    site: Site

    @property
    def actor(self) -> Principal:
        """Who calls."""
        if self.caller is None:
            raise Unauthenticated(MISSING_KEY)
        return self.caller.principal

    @property
    def ip(self) -> str:
        """The client's address."""
        return self.site.client_address(self.request)

    @property
    def base_url(self) -> str:
        """How clients reach the hub, without a slash at the end."""
        return self.site.base_url(self.request)


Handler = Callable[[UseCases, Any], Awaitable[Any]]
"""Takes the use-cases and a `Call`; returns JSON-ready data, or a response of its own."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API.

    `query` and `body` are pydantic models, checked before the handler runs; `checks_first` has the query checked before
    the caller is. `action` is what the caller's role must allow. `reads_only` marks the few that are no GET and change
    nothing; `limited` ones count in the caller's rate window, and those by which whoever works says how it goes in that
    for `upkeep`. `envelope` wraps the answer as data from agents.
    `media` other than JSON means that the handler answers by itself, `reads_body` that it reads the body by
    itself: `body` then only describes it, and with `raw_body` bytes that are not JSON are welcome too. `errors` are
    statuses beyond those that every endpoint of its kind can answer.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    tag: str
    summary: str
    response: type[BaseModel] | None = None
    description: str = ""
    query: type[BaseModel] = Empty
    body: type[BaseModel] | None = None
    authenticated: bool = True
    action: Action | None = None
    reads_only: bool = False
    limited: bool = True
    upkeep: bool = False
    envelope: bool = True
    checks_first: bool = False
    reads_body: bool = False
    raw_body: bool = False
    media: str = JSON
    body_limit: int = 1024 * 1024
    errors: tuple[int, ...] = ()

    @property
    def scope(self) -> Literal["read", "write"]:
        """What a token must allow."""
        return "read" if self.method == "GET" or self.reads_only else "write"

    @property
    def bucket(self) -> Bucket | None:
        """In which of the caller's windows a request counts."""
        if not self.limited or not self.authenticated:
            return None
        return Bucket.UPKEEP if self.upkeep else Bucket(self.scope)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that an error of this operation can have."""
        common = {400, 500, 503} | set(self.errors)
        return tuple(
            sorted(
                common
                | ({401, 403} if self.authenticated else set())
                | ({429} if self.bucket else set())
                | ({413} if self.body else set())
            )
        )

    @property
    def name(self) -> str:
        """The operation's id: method and path in words, unique over the table."""
        words = self.path.replace("/api/v2/", "/").replace("{", "").replace("}", "").replace(".", "/").split("/")
        return "_".join([self.method.lower(), *(word.replace("-", "_").partition(":")[0] for word in words if word)])
