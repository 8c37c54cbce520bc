"""Reading request bodies: bounded, in time, and as JSON that is JSON."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from aiohttp import web

from airchat.protocol.errors import InvalidInput, TooLarge

Result = TypeVar("Result")

BODY_SECONDS = 60
_LARGE = 256 * 1024


async def read_body(request: web.Request, limit: int) -> bytes:
    """Return the whole body, which arrives in one piece when it is small.

    Raises:
        TooLarge: it has more than `limit` bytes.
        InvalidInput: it took longer than a minute to arrive.
    """
    content = request.content
    if content.is_eof():
        if content.total_bytes > limit:
            raise _too_large(limit)
        return content.read_nowait()
    declared = request.content_length
    if declared is not None and declared > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_on(request, limit)
    except TimeoutError as error:
        raise InvalidInput(f"The body took longer than {BODY_SECONDS} seconds to arrive") from error


async def _read_on(request: web.Request, limit: int) -> bytes:
    body = bytearray()
    while len(body) <= limit:
        chunk = await request.content.readany()
        if not chunk:
            return bytes(body)
        body += chunk
    raise _too_large(limit)


async def in_thread(work: Callable[..., Result], subject: Any, size: int, *rest: Any) -> Result:
    """Return `work(subject, …)`, done off the event loop when the subject is large."""
    return work(subject, *rest) if size < _LARGE else await asyncio.to_thread(work, subject, *rest)


async def parse_json(body: bytes) -> dict[str, Any]:
    """Return the JSON object that the body is; a large one is parsed off the event loop.

    Raises:
        InvalidInput: it is none: `Invalid JSON body`.
    """
    try:
        data = orjson.loads(body) if len(body) < _LARGE else await asyncio.to_thread(orjson.loads, body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("Invalid JSON body", "body") from error
    if not isinstance(data, dict):
        raise InvalidInput("Invalid JSON body", "body")
    return data


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body exceeds the limit of {limit} bytes")
