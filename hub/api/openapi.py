"""The OpenAPI 3.1 document, made from the table of endpoints."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.api.endpoint import JSON, Empty, Endpoint
from hub.api.envelope import NOTICE
from hub.api.fields import APPROVAL_PATTERN, ID_PATTERN, NAME_PATTERN
from hub.api.idempotency import HEADER
from hub.api.schemas import Error
from hub.api.site import KEY_HEADER

Schema = dict[str, Any]

_MODE: JsonSchemaMode = "validation"
_REF = "#/components/schemas/{model}"
_PATH_SCHEMAS = {
    "id": {"type": "string", "format": "uuid", "pattern": ID_PATTERN},
    "approval": {"type": "string", "pattern": APPROVAL_PATTERN},
    "name": {"type": "string", "pattern": NAME_PATTERN},
    "machine": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9-]{0,99}$"},
}
_STREAMS = {"text/event-stream": "Last-Event-ID"}


def document(table: Sequence[Endpoint], *, title: str, version: str, url: str = "/") -> Schema:
    """Return the document; `url` is where the hub is reached."""
    schemas = _schemas(table)
    paths: dict[str, Schema] = {}
    for endpoint in table:
        path = re.sub(r"{(\w+):[^}]*}", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": url}],
        "security": [{"key": []}, {"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in table)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {str(status): _error_response(status) for status in _all_statuses(table)},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _schemas(table: Iterable[Endpoint]) -> Schema:
    models: dict[type[BaseModel], None] = {Error: None}
    for endpoint in table:
        models |= {model: None for model in (endpoint.body, endpoint.response) if model is not None}
    _, definitions = models_json_schema([(model, _MODE) for model in models], ref_template=_REF)
    schemas: Schema = definitions["$defs"]
    return schemas


def _operation(endpoint: Endpoint) -> Schema:
    operation: Schema = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_headers(endpoint)],
        "responses": {
            "200": _success(endpoint),
            **{str(status): _failure(endpoint, status) for status in endpoint.statuses},
        },
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(endpoint, endpoint.body)
    if not endpoint.authenticated:
        operation["security"] = []
    return operation


def _path_parameters(endpoint: Endpoint) -> list[Schema]:
    names = re.findall(r"{(\w+)", endpoint.path)
    anything = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS.get(name, anything)} for name in names
    ]


def _query_parameters(endpoint: Endpoint) -> list[Schema]:
    if endpoint.query is Empty:
        return []
    schema = endpoint.query.model_json_schema(mode=_MODE)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(rule)}
        for name, rule in schema["properties"].items()
    ]


def _without_null(rule: Schema) -> Schema:
    """Return the rule of a query parameter: there is no null in a query, and no default beside its description."""
    plain = {key: value for key, value in rule.items() if key not in {"title", "anyOf", "default"}}
    choices = [choice for choice in rule.get("anyOf", []) if choice != {"type": "null"}]
    return plain | (choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})


def _headers(endpoint: Endpoint) -> list[Schema]:
    found = []
    if endpoint.body is not None and "client_key" in endpoint.body.model_fields:
        found.append({"name": HEADER, "schema": {"type": "string", "pattern": "^[ -~]{1,200}$"}})
    if endpoint.media in _STREAMS:
        found.append({"name": _STREAMS[endpoint.media], "schema": {"type": "string", "pattern": r"^\d{1,15}$"}})
    return [{"in": "header", "required": False, **header} for header in found]


def _request_body(endpoint: Endpoint, body: type[BaseModel]) -> Schema:
    content: Schema = {JSON: {"schema": _ref(body)}}
    if endpoint.raw_body:
        content["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
    return {"required": any(field.is_required() for field in body.model_fields.values()), "content": content}


def _success(endpoint: Endpoint) -> Schema:
    if endpoint.response is None:
        return {"description": "Success", "content": {endpoint.media: {}}}
    data = _ref(endpoint.response)
    if endpoint.envelope:
        data = {
            "type": "object",
            "required": ["_airchat", "_notice", "data"],
            "properties": {"_airchat": {"const": "response"}, "_notice": {"const": NOTICE}, "data": data},
        }
    return {"description": "Success", "content": {JSON: {"schema": data}}}


def _failure(endpoint: Endpoint, status: int) -> Schema:
    """Return the common response of that status; a page may say it in HTML as well."""
    if endpoint.media != "text/html":
        return {"$ref": f"#/components/responses/{status}"}
    response = _error_response(status)
    return response | {"content": response["content"] | {endpoint.media: {}}}


def _error_response(status: int) -> Schema:
    response: Schema = {"description": HTTPStatus(status).phrase, "content": {JSON: {"schema": _ref(Error)}}}
    if status in {429, 503}:
        schema = {"type": "integer", "minimum": 1}
        response["headers"] = {"Retry-After": {"description": "Seconds to wait", "schema": schema}}
    return response


def _all_statuses(table: Iterable[Endpoint]) -> list[int]:
    return sorted({status for endpoint in table for status in endpoint.statuses})


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": _REF.format(model=model.__name__)}
