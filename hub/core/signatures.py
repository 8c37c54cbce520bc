"""Signed addresses: whoever holds one may read a file for an hour, without an account."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import urlencode

from airchat.protocol.errors import Forbidden
from airchat.protocol.timestamps import SECOND

VALID_SECONDS = 3600
_SECRET_BYTES = 32


class Signatures:
    """Makes and checks signatures with the hub's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, path: str, now: int) -> str:
        """Return the query, `expires=…&signature=…`, that opens the file at `path` for an hour from `now`."""
        expires = now // SECOND + VALID_SECONDS
        return urlencode({"expires": expires, "signature": self._signature(path, expires)})

    def check(self, path: str, expires: int, signature: str, now: int) -> None:
        """Do nothing when the query opens the file.

        Raises:
            Forbidden: it was changed, or its hour is over.
        """
        given, right = signature.encode("utf-8", "surrogatepass"), self._signature(path, expires).encode()
        if not hmac.compare_digest(given, right) or now // SECOND >= expires:
            raise Forbidden("This link is not valid any more")

    def _signature(self, path: str, expires: int) -> str:
        signed = f"{expires}\n{path}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()


def derived(secret: bytes, purpose: str) -> bytes:
    """Return a key for one purpose, of which nothing leads to the secret."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()


def load_secret(path: Path) -> bytes:
    """Return the secret kept in that file, made on the first call for its owner alone. Blocks: for the hub's start."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_bytes()
        if len(secret) != _SECRET_BYTES:
            raise ValueError(f"{path} does not hold a secret of {_SECRET_BYTES} bytes") from None
        return secret
    with os.fdopen(descriptor, "wb") as file:
        secret = secrets.token_bytes(_SECRET_BYTES)
        file.write(secret)
        file.flush()
        os.fsync(descriptor)
    return secret
