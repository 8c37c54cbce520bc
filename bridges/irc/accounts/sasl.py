"""SASL as IRC carries it: PLAIN, EXTERNAL and SCRAM-SHA-256, in chunks of base64.

https://ircv3.net/specs/extensions/sasl-3.2
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Protocol

from airchat.protocol.errors import InvalidInput, Unauthenticated
from bridges.irc.accounts.login import Login, by_certificate, by_name, split_device
from hub.core.accounts import Accounts, ScramLogin

CHUNK = 400
"""Characters of base64 in one line; a line of just as many says that there is more."""

_MOST_CHUNKS = 16


class Mechanism(Protocol):
    """One way to log in, for one attempt."""

    async def answer(self, data: bytes) -> bytes | Login:
        """Take what the client says, and return the next challenge or who it is.

        Raises:
            HubError: this proves nothing; the text says why.
        """


class ChunkTooLong(Exception):
    """One line of data is longer than a chunk."""


class Plain:
    """RFC 4616: name and password, or name and token, in the clear."""

    def __init__(self, accounts: Accounts, address: str, _certificate: str | None) -> None:
        self._accounts = accounts
        self._address = address

    async def answer(self, data: bytes) -> bytes | Login:
        """Take `[authzid] NUL authcid NUL password`."""
        parts = _text(data).split("\0")
        if len(parts) != 3:
            raise InvalidInput("PLAIN needs a name and a password")
        acting_as, name, secret = parts
        if acting_as and split_device(acting_as)[0].lower() != split_device(name)[0].lower():
            raise Unauthenticated("Nobody may act for somebody else")
        return await by_name(self._accounts, name, secret, self._address)


class External:
    """RFC 4422, appendix A: the certificate that the client showed when it connected."""

    def __init__(self, accounts: Accounts, _address: str, certificate: str | None) -> None:
        self._accounts = accounts
        self._certificate = certificate

    async def answer(self, data: bytes) -> bytes | Login:
        """Take the name that the client wants to have, which may be empty."""
        return await by_certificate(self._accounts, self._certificate or "", _text(data))


class Scram:
    """RFC 7677: the client proves that it knows the password and does not tell it."""

    def __init__(self, accounts: Accounts, address: str, _certificate: str | None) -> None:
        self._accounts = accounts
        self._address = address
        self._begun: ScramLogin | None = None
        self._proven: Login | None = None

    async def answer(self, data: bytes) -> bytes | Login:
        """Take the client's first message, its last, and then nothing, by which it accepts the server's proof."""
        if self._proven is not None:
            if data:
                raise InvalidInput("SCRAM ends with an empty answer")
            return self._proven
        if self._begun is None:
            self._begun = await self._accounts.begin_scram(_text(data), self._address)
            return self._begun.challenge.text.encode()
        principal, proof = await self._accounts.end_scram(self._begun, _text(data))
        self._proven = Login(principal, split_device(self._begun.challenge.first.name)[1])
        return proof.encode()


MECHANISMS: dict[str, Callable[[Accounts, str, str | None], Mechanism]] = {
    "PLAIN": Plain,
    "SCRAM-SHA-256": Scram,
    "EXTERNAL": External,
}
"""By name: what makes an attempt, from the accounts, the client's address and its certificate's fingerprint."""


def mechanisms(certificate: str | None) -> list[str]:
    """Return the mechanisms that a client can use who showed this certificate, or none."""
    return [name for name in MECHANISMS if certificate is not None or name != "EXTERNAL"]


class Conversation:
    """An attempt to log in that is under way: gathers chunks, and hands whole answers to its mechanism."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._chunks: list[str] = []

    async def take(self, chunk: str) -> bytes | Login | None:
        """Take one line's data, and return the next challenge, who it is, or None when more must come first.

        Raises:
            ChunkTooLong: it is longer than a line's data may be.
            HubError: this proves nothing; the text says why.
        """
        if len(chunk) > CHUNK:
            raise ChunkTooLong
        if chunk != "+":
            self._chunks.append(chunk)
        if len(self._chunks) > _MOST_CHUNKS:
            raise InvalidInput("That is too long")
        if len(chunk) == CHUNK:
            return None
        encoded, self._chunks = "".join(self._chunks), []
        try:
            data = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput("That is no base64") from error
        return await self._mechanism.answer(data)


def chunks(data: bytes) -> list[str]:
    """Return a challenge as the data of the lines that carry it."""
    encoded = base64.b64encode(data).decode()
    found = [encoded[start : start + CHUNK] for start in range(0, len(encoded), CHUNK)]
    return found if found and len(found[-1]) < CHUNK else [*found, "+"]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("That is no UTF-8") from error
