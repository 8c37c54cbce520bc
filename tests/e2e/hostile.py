"""Input that breaks a rule, made from the hub's description of its API: for each parameter and field, what it is not.

What is left out on purpose: counts and switches that older clients may send in any form, and texts that have no rule.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

Schema = dict[str, Any]

ID = "0195f000-0000-7000-8000-000000000000"
CARD = "/api/v2/agents/card"
INJECTIONS = (
    "' OR '1'='1",
    "general'; DROP TABLE messages; --",
    '"x" NEAR/3 (y* OR NOT',
    "../../../etc/passwd",
    "..\\..\\windows",
    "{{7*7}}${7*7}",
    "<script>alert(1)</script>",
    "\u202egeneral",
    "gene\u0301ral",
    "GENERAL",
    "general\n",
    "general\x00",
    "a" * 5_000,
    "",
    " ",
    "-",
    "\U0001f4a3" * 60,
)
NUMBERS = ("x", "-1", "1.5", "1e9", "0x10", "9" * 400, "NaN", "Infinity", "\u0661", "1;--", "")
MOMENTS = ("yesterday", "2026-13-45T99:99:99Z", "0000-00-00T00:00:00", "1", "99999-01-01T00:00:00Z", "' OR 1=1", "")
NOT_JSON = {
    "nothing": b"",
    "no JSON": b"not json",
    "half of it": b'{"channel": "gen',
    "two of them": b"{}{}",
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "a text": b'"general"',
    "invalid UTF-8": b'{"channel": "\xff\xfe"}',
    "UTF-16": '{"channel": "general"}'.encode("utf-16"),
    "overlong UTF-8": b'{"channel": "\xc0\xaf"}',
    "an encoded surrogate": b'{"channel": "\xed\xa0\x80"}',
    "a lone surrogate": b'{"channel": "\\ud800"}',
    "NaN": b'{"channel": NaN}',
    "single quotes": b"{'channel': 'general'}",
    "a bare NUL": b'{"channel": "\x00"}',
    "a comment": b'{"channel": "general" /* x */}',
    "deep lists": b'{"channel": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "a form": b"channel=general&content=x",
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
}


@dataclass(frozen=True)
class Hostile:
    """A request that must be refused; `names` is what the answer has to name, None when only a rule can be named."""

    what: str
    method: str
    target: str
    names: str | None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


def hostile_requests(document: Schema) -> Iterator[Hostile]:
    """Yield them all, operation by operation."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = Operation(document, method.upper(), path, operation)
            yield from place.bad_paths()
            yield from place.bad_queries()
            yield from place.bad_headers()
            yield from place.bad_bodies()


def rule_breakers() -> Iterator[Hostile]:
    """Yield what breaks rules that the description of the API does not tell."""
    bodies: list[tuple[str, str, str | None, Schema]] = [
        ("POST", "/api/v2/messages", "content", {"channel": "general", "content": "a" * 32_001}),
        ("POST", "/api/v2/messages", "content", {"channel": "general", "content": "\U0001f4a3" * 16_001}),
        ("POST", "/api/v2/messages", "content", {"channel": "general", "content": " \n\t "}),
        ("POST", "/api/v2/messages", "metadata", {"channel": "general", "content": "x", "metadata": {"a": "b" * 4096}}),
        ("POST", "/api/v2/dm", "content", {"target_agent": "owner", "content": "a" * 32_001}),
        ("POST", "/api/v2/tasks", "title", {"channel": "general", "title": "a" * 201}),
        ("POST", "/api/v2/tasks", "body", {"channel": "general", "title": "x", "body": "a" * 8001}),
        ("POST", "/api/v2/tasks", "lease_seconds", {"channel": "general", "title": "x", "lease_seconds": 2**50}),
        ("POST", "/api/v2/tasks", "priority", {"channel": "general", "title": "x", "priority": -(2**63)}),
        ("POST", "/api/v2/tokens", "label", {"label": "a" * 101}),
        ("POST", "/api/v2/tokens", "label", {"label": "\u202e"}),
        ("POST", "/api/v2/agents/card", None, {"model": "a" * 5000}),
        ("PATCH", "/api/v2/channels/general", "topic", {"topic": "a" * 1001}),
        ("POST", "/api/files", "folder", {"folder": "../../etc"}),
        (
            "PUT",
            "/api/files",
            "content",
            {"channel": "general", "content": "%%", "filename": "x", "encoding": "base64"},
        ),
    ]
    for method, path, name, body in bodies:
        yield Hostile(f"rule of {name} of {method} {path}", method, path, name, json.dumps(body).encode())
    for target, name in (
        ("/api/v2/search?q=" + "a" * 501, "q"),
        ("/api/files?path=" + quote("../../etc/passwd", safe=""), "path"),
        ("/api/files?path=" + quote("general/../../hub.db"), "path"),
        ("/api/files?path=%00", "path"),
        ("/nowhere", None),
        ("/api/v2/messages/" + "../" * 20 + "etc/passwd", None),
        ("/%2e%2e/%2e%2e/etc/passwd", None),
        ("//etc/passwd", None),
        (f"/signed/files/general/{ID}/x?expires=1&signature=x", None),
    ):
        yield Hostile(f"rule of {target[:60]}", "GET", target, name)
    yield Hostile("method", "DELETE", "/api/v2/messages", None)
    large = b'{"channel": "general", "content": "' + b"a" * 2_000_000 + b'"}'
    yield Hostile("size", "POST", "/api/v2/messages", None, large)
    for key in ("", "x", "act_" + "0" * 64, "' OR 1=1", "\u00fc" * 300):
        yield Hostile("key", "GET", "/api/v2/board", None, headers={"x-agent-api-key": key})


@dataclass(frozen=True)
class Operation:
    """An operation of the API, and requests to it that are right but for one thing."""

    document: Schema
    method: str
    path: str
    operation: Schema

    def bad_paths(self) -> Iterator[Hostile]:
        """Break each parameter of the path that has a rule."""
        for parameter in self._parameters("path"):
            if "pattern" not in parameter["schema"]:
                continue
            name = parameter["name"]
            for text in INJECTIONS:
                if text.strip() and not set(text) & set("/{}"):  # with those it is another address: not found
                    yield self._request(f"path {name}", name, path={name: quote(text, safe="")})
            yield self._request(f"path {name}", name, path={name: "%2e%2e%2f%2e%2e%2fetc%2fpasswd"})
            yield self._request(f"path {name}", name, path={name: "%ff%fe"})
            yield self._request(f"path {name}", name, path={name: "%ed%a0%80"})

    def bad_queries(self) -> Iterator[Hostile]:
        """Break each parameter of the query that has a rule, and leave out the required ones."""
        for parameter in self._parameters("query"):
            name = parameter["name"]
            for value in _wrong_texts(parameter["schema"]):
                yield self._request(f"query {name}", name, query={name: value})
            if parameter["required"]:
                yield self._request(f"no query {name}", name, query={name: None})

    def bad_headers(self) -> Iterator[Hostile]:
        """Break each header that has a rule."""
        for parameter in self._parameters("header"):
            name = parameter["name"]
            for value in ("x" * 201, "\u00fc", "' OR 1=1\u00ff", "9" * 500 + "\u00e9"):
                yield self._request(f"header {name}", name, headers={name: value})

    def bad_bodies(self) -> Iterator[Hostile]:
        """Break the body as such, then each of its fields."""
        if "requestBody" not in self.operation or self.path == CARD:
            return
        model = self.document["components"]["schemas"][self._model()]
        required = model.get("required", [])
        for what, body in NOT_JSON.items():
            if required or what != "nothing":
                yield self._request(f"body {what}", None, body=body)
        for name, schema in model["properties"].items():
            for value in _wrong_values(schema, required=name in required):
                yield self._request(f"field {name}", name, body=self._body({name: value}))
            if name in required:
                valid = json.loads(self._body({}))
                del valid[name]
                yield self._request(f"no field {name}", name, body=json.dumps(valid).encode())
                twice = self._body({})[:-1] + f', "{name}": -1.5}}'.encode()
                yield self._request(f"field {name} twice", name, body=twice)

    def _model(self) -> str:
        reference: str = self.operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        return reference.rpartition("/")[2]

    def _body(self, values: dict[str, Any]) -> bytes:
        model = self.document["components"]["schemas"][self._model()]
        valid = {name: _right(model["properties"][name], name) for name in model.get("required", [])}
        return json.dumps(valid | values).encode()

    def _parameters(self, where: str) -> list[Schema]:
        return [parameter for parameter in self.operation["parameters"] if parameter["in"] == where]

    def _request(
        self,
        what: str,
        field_name: str | None,
        *,
        path: dict[str, str] | None = None,
        query: dict[str, str | None] | None = None,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Hostile:
        values = {it["name"]: _right(it["schema"], it["name"]) for it in self._parameters("path")} | (path or {})
        asked: dict[str, str | None] = {
            it["name"]: _right(it["schema"], it["name"]) for it in self._parameters("query") if it["required"]
        }
        asked |= query or {}
        target = self.path.format(**values) + "?" + urlencode({k: v for k, v in asked.items() if v is not None})
        if body is None and "requestBody" in self.operation:
            body = self._body({})
        return Hostile(f"{what} of {self.method} {self.path}", self.method, target, field_name, body, headers or {})


def _choice(schema: Schema) -> Schema:
    """Return the rule of a field without the null that it may be, too."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    return choices[0] if choices else schema


def _right(schema: Schema, name: str) -> Any:
    """Return a value that keeps the rule."""
    rule = _choice(schema)
    if "enum" in rule:
        return rule["enum"][0]
    if rule.get("type") in {"integer", "number"}:
        return rule.get("minimum", 1)
    simple = {"array": [], "object": {}, "boolean": True}
    if rule.get("type") in simple:
        return simple[rule["type"]]
    return ID if "[0-9a-f]{8}" in rule.get("pattern", "") else "general" if name != "path" else "general/x/y"


def _wrong_texts(rule: Schema) -> Iterator[str]:
    """Yield texts that are no such value of a query."""
    if rule.get("format") == "date-time":
        yield from MOMENTS
    elif rule.get("type") == "integer":
        yield from (text for text in NUMBERS if text != "1e9")
    elif "enum" in rule or "a-z0-9" in rule.get("pattern", ""):
        yield from INJECTIONS
    elif "pattern" in rule:
        yield "a\x00b"


def _wrong_values(schema: Schema, *, required: bool) -> Iterator[Any]:
    """Yield JSON values that are no such field."""
    rule = _choice(schema)
    if required:
        yield None
    kind = rule.get("type")
    if kind != "array":
        yield from ([], ["x"], [[[]]])
    if kind != "object":
        yield from ({}, {"$gt": ""}, {"toString": None})
    match kind:
        case "string":
            yield from (0, True, -1.5, 10**18)
            yield from _wrong_strings(rule)
        case "integer":
            yield from ("1", "x", 1.5, True, 10**18 if "maximum" in rule else 2**63, -1 if "minimum" in rule else 1e300)
        case "boolean":
            yield from ("true", 1, 0, "")
        case "array":
            yield from ("x", 1, True, {}, [1], [None], [{}], [[]], [True])
            yield from ([text] for text in _wrong_strings(rule["items"]))
        case "object":
            yield from ("x", 1, True, [], {"a": "\x00"}, {"\x00": 1}, {"a": 2**64 - 1}, _nested(40))


def _wrong_strings(rule: Schema) -> Iterator[str]:
    if "enum" in rule or "a-z0-9" in rule.get("pattern", "") or "[0-9a-f]" in rule.get("pattern", ""):
        yield from INJECTIONS
    elif rule.get("pattern") == "^[\\x20-\\x7e]{1,200}$":
        yield from ("", "x" * 201, "\u00fc", "a\nb", "\x00")
    elif "pattern" in rule:
        yield from ("\x00", "a\x00b")


def _nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    return value
