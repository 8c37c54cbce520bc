"""How errors leave: as JSON that names field and rule, and never the hub's insides."""

import logging
from typing import Any, get_args

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from airchat.protocol.errors import HubError, InvalidInput, RateLimited, TooLarge, Unavailable
from hub.api.envelope import json_response
from hub.api.fields import NO_NUL, RULES, Says

logger = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Server": "AirChat Hub",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
_OWN_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}
API_HEADERS = SECURITY_HEADERS | _OWN_HEADERS
"""What every answer of the API carries; pages may have a policy and a cache of their own."""

_HTTP_TEXTS = {404: ("Not found", "not_found"), 405: ("Method not allowed", "method_not_allowed")}


async def finish_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Set what every answer carries."""
    headers = response.headers
    headers.update(SECURITY_HEADERS)
    for name, value in _OWN_HEADERS.items():
        headers.setdefault(name, value)


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever is raised into a JSON answer."""
    # The route, not the path: that may hold a secret, such as that of a login link.
    resource = request.match_info.route.resource
    return await answered(request, handler, resource.canonical if resource else "?")


async def answered(request: web.Request, handler: Handler, route: str) -> web.StreamResponse:
    """Return the handler's answer, or JSON for what it raises; what nobody foresaw is logged, and told to nobody."""
    try:
        return await handler(request)
    except HubError as error:
        return error_response(error)
    except web.HTTPRequestEntityTooLarge:
        return error_response(TooLarge("The body is too large"))
    except (web.RequestPayloadError, ConnectionResetError):  # the latter nobody is told: the client is gone
        return error_response(InvalidInput("The body is not encoded as its headers say", "body"))
    except web.HTTPException as error:
        return _http_error(error)
    except Exception:
        logger.exception("%s %s failed", request.method, route)
        return json_response({"error": "Internal error", "code": "internal"}, status=500)


def error_response(error: HubError) -> web.Response:
    """Return the answer that reports the error."""
    body: dict[str, Any] = {"error": str(error), "code": error.code}
    if isinstance(error, InvalidInput) and error.field:
        body["field"] = error.field
    if not isinstance(error, RateLimited | Unavailable):
        return json_response(body, status=error.status)
    response = json_response(body | {"retry_after": error.retry_after}, status=error.status)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http_error(error: web.HTTPException) -> web.Response:
    text, code = _HTTP_TEXTS.get(error.status, (error.reason, "http_error"))
    response = json_response({"error": text, "code": code}, status=error.status)
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    return response


def invalid(model: type[BaseModel], error: ValidationError) -> InvalidInput:
    """Turn a failed validation into the error for its first field: the field's own text, or one that names its rule."""
    detail = error.errors(include_url=False, include_input=False)[0]
    pattern = detail.get("ctx", {}).get("pattern")
    place = [str(part) for part in detail["loc"]]
    name = place[0] if place else "body"
    field = model.model_fields.get(name) or next((f for f in model.model_fields.values() if f.alias == name), None)
    said = _own_text(field) if field and pattern != NO_NUL else None
    rule = f" {RULES[pattern]}" if pattern in RULES else f": {detail['msg'].removeprefix('Value error, ')}"
    rule = " is required" if detail["type"] == "missing" else rule
    return InvalidInput(said or f"{'.'.join(place) or name}{rule}", name)


def _own_text(field: FieldInfo) -> str | None:
    """Return the field's own text, or that of its type when it may be absent."""
    of_types = (item for kind in get_args(field.annotation) for item in getattr(kind, "__metadata__", ()))
    texts = [item.text for item in (*of_types, *field.metadata) if isinstance(item, Says)]
    return texts[-1] if texts else None
