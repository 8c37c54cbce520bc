"""Requests: the other way in, without Socket Mode: Slack calls the hub over HTTP, and signs what it says.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

WINDOW_SECONDS = 300
BODY_BYTES = 1024 * 1024

Json = dict[str, Any]
Take = Callable[[Json], Awaitable[None]]
Interact = Callable[[str, Json], Awaitable[Json | None]]

_VERSION = "v0"
_AGAIN_SECONDS = 10

_log = logging.getLogger(__name__)


class Requests:
    """Checks and answers what Slack sends.

    Events are for the bridge, which sets `take` while it runs: without it they are refused, and Slack sends them again.
    `interact` answers interactions, whether the bridge runs or not, and each once: what somebody saw and sends again is
    refused. Events can come again, which is known by what they say.
    """

    def __init__(self, signing_secret: str, clock: Callable[[], float] = time.time) -> None:
        self.take: Take | None = None
        self.interact: Interact | None = None
        self._secret = signing_secret.encode()
        self._clock = clock
        self._answered: dict[str, float] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        body = await _read(request)
        if body is None:
            return web.json_response({"text": "Too large."}, status=413)
        if not self._is_signed(request, body):
            return web.json_response({"text": "Invalid signature."}, status=401)
        try:
            if request.content_type == "application/json":
                return await self._event(json.loads(body))
            if not self._is_first(request):
                return web.json_response({"text": "This was sent before."}, status=409)
            return await self._interaction(dict(parse_qsl(body.decode())))
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.json_response({"text": "That cannot be understood."}, status=400)

    def _is_signed(self, request: web.BaseRequest, body: bytes) -> bool:
        """Tell whether Slack signed the body within the last minutes."""
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not (stamp.isascii() and stamp.isdigit()) or abs(self._clock() - int(stamp[:15])) > WINDOW_SECONDS:
            return False
        digest = hmac.new(self._secret, f"{_VERSION}:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        presented = request.headers.get("X-Slack-Signature", "")
        return hmac.compare_digest(f"{_VERSION}={digest}".encode(), presented.encode("utf-8", "surrogateescape"))

    def _is_first(self, request: web.BaseRequest) -> bool:
        """Tell whether this was not sent before, as long as its signature would do."""
        now, signature = self._clock(), request.headers["X-Slack-Signature"]
        while (oldest := next(iter(self._answered), None)) and now - self._answered[oldest] > 2 * WINDOW_SECONDS:
            del self._answered[oldest]
        first = signature not in self._answered
        self._answered.setdefault(signature, now)
        return first

    async def _event(self, payload: Json) -> web.Response:
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": str(payload["challenge"])})
        if payload.get("type") != "event_callback":
            return web.json_response({})
        if self.take is None:
            return _not_now("The bridge does not run.")
        await self.take(payload.get("event") or {})
        return web.json_response({})

    async def _interaction(self, fields: dict[str, str]) -> web.Response:
        if self.interact is None:
            return _not_now("The hub is starting.")
        if "payload" in fields:
            answer = await self.interact("interactive", json.loads(fields["payload"]))
        elif "command" in fields:
            answer = await self.interact("slash_commands", fields)
        else:
            answer = None  # Slack checks the certificate with `ssl_check`
        return web.json_response(answer) if answer else web.Response()


def _not_now(text: str) -> web.Response:
    return web.json_response({"text": text}, status=503, headers={"Retry-After": str(_AGAIN_SECONDS)})


async def _read(request: web.BaseRequest) -> bytes | None:
    """Return the body; None when it is longer than Slack's ever are."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)
