"""The key by which a repeated send is recognised: a header, or a field of the body."""

import re

from aiohttp import web

from airchat.protocol.errors import InvalidInput

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x20-\x7e]{1,200}")


def idempotency_key(request: web.Request, client_key: str | None) -> str | None:
    """Return the header's key, else the body's, else None.

    Raises:
        InvalidInput: the header is longer than 200 characters or has others than printable ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return client_key
    if _KEY.fullmatch(key) is None:
        raise InvalidInput(f"{HEADER} must be 1-200 printable ASCII characters", HEADER)
    return key
