"""The other way to an app: signed HTTP requests to its request URL, instead of frames over its sockets.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from .deliveries import Attempt, Delivery
from .settings import Settings

Receive = Callable[[str, dict[str, Any] | None], None]
"""Takes the id of what was acknowledged, and the answer that came with it."""


class RequestUrls:
    """Sends deliveries of apps that have a request URL; an answer of 200 in time acknowledges."""

    def __init__(self, settings: Settings, receive: Receive) -> None:
        self._settings = settings
        self._receive = receive
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, delivery: Delivery, attempt: Attempt) -> None:
        """Send one attempt."""
        task = asyncio.create_task(self._send(delivery, attempt), name=f"slack request {attempt.envelope_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, delivery: Delivery, attempt: Attempt) -> None:
        body, headers = _body(delivery)
        headers |= signed(delivery.app.signing_secret, body, int(self._settings.clock()))
        if attempt.retry_attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt.retry_attempt), "X-Slack-Retry-Reason": "http_timeout"}
        timeout = aiohttp.ClientTimeout(total=self._settings.ack_window)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(delivery.app.request_url, data=body, headers=headers) as answer,
            ):
                text = await answer.text()
                if answer.status == 200:
                    self._receive(attempt.envelope_id, _payload(text))
        except (aiohttp.ClientError, TimeoutError):
            return  # not acknowledged


def signed(secret: str, body: bytes, now: int) -> dict[str, str]:
    """The headers that prove a body to be Slack's."""
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (now, body), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": f"v0={digest}"}


def _body(delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), {"Content-Type": "application/json"}
    fields = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
    return urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def _payload(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer else None
