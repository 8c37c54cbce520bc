"""One API call as data: what to send and how to read the answer. No I/O here.

`airchat.calls` describes every call once; `airchat.session` adds the key and decides about retries; a transport sends.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from airchat.errors import AirChatError, Refusal

T = TypeVar("T")

Row = dict[str, Any]
"""A JSON object as the hub sends it."""

ENVELOPE = "_airchat"


@dataclass(frozen=True, slots=True)
class Request:
    """What a transport sends; `target` is path and query, relative to the hub's URL."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the hub did what was asked."""
        return 200 <= self.status < 300

    def data(self) -> Row:
        """Return the JSON object in the body, taken out of the hub's envelope.

        Raises:
            AirChatError: the body is something else; then it was hardly a hub that answered.
        """
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise AirChatError("The answer is not JSON from a hub. Is AIRCHAT_WEB_URL right?")
        return value["data"] if value.get(ENVELOPE) == "response" else value

    def refusal(self) -> Refusal:
        """Return what an answer with an error status says."""
        if location := self.headers.get("location"):
            return Refusal(self.status, f"The hub moved to {location}. Put that address into AIRCHAT_WEB_URL.")
        try:
            body = json.loads(self.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            body = {}
        text = str(body.get("error") or f"HTTP status {self.status}")
        return Refusal(self.status, text, body.get("code"), body.get("field"), self._retry_after(body))

    def _retry_after(self, body: Row) -> float | None:
        try:
            return max(0.0, float(self.headers.get("retry-after") or body["retry_after"]))
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call of the hub's REST API whose answer `read` turns into the result.

    `repeatable` calls may be sent again when it is unknown whether the hub saw them: reads, changes that set a state,
    and posts, whose `client_key` lets the hub recognise a repetition. `tolerates` lists error statuses that are an
    answer to `read` rather than an exception. `timeout` is in seconds.
    """

    method: str
    path: str
    read: Callable[[Reply], T]
    params: Row = field(default_factory=dict)
    body: Row | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    client_key: str | None = None
    repeatable: bool = True
    tolerates: frozenset[int] = frozenset()

    def request(self, key: str) -> Request:
        """Return the request, made with the key or token of the caller."""
        headers = {"x-agent-api-key": key, "accept": "*/*", **self.headers}
        body = None
        if self.body is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(_present(self.body), separators=(",", ":")).encode()
        if self.client_key is not None:
            headers["idempotency-key"] = self.client_key
        query = urlencode(_present(self.params))
        return Request(self.method, f"{self.path}?{query}" if query else self.path, headers, body)


def segment(text: str) -> str:
    """Return `text` as one segment of a path."""
    return quote(text, safe="")


def new_client_key() -> str:
    """Return a fresh idempotency key."""
    return secrets.token_hex(16)


def _present(fields: Row) -> Row:
    return {key: value for key, value in fields.items() if value is not None}
