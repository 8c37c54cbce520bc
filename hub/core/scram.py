"""SCRAM-SHA-256 as the server speaks it (RFC 5802, RFC 7677): pure functions over texts and keys, nothing stored.

What is kept of a password cannot be used to log in: `stored` verifies a client's proof, `server` proves the server.
"""

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata
from dataclasses import dataclass

from airchat.protocol.errors import InvalidInput, Unauthenticated

MECHANISM = "SCRAM-SHA-256"

_LEAST_ITERATIONS = 4096  # RFC 7677, 4
_NONCE = re.compile(r"[!-+\--~]+")  # printable ASCII without the comma
_NAME_ESCAPE = re.compile(r"=(?!2C|3D)")
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


@dataclass(frozen=True, slots=True)
class ScramKeys:
    """What is kept of a password: iterations and salt of its derivation, and the two keys, 32 bytes each."""

    iterations: int
    salt: bytes
    stored: bytes
    server: bytes

    def __str__(self) -> str:
        """Return the stored form: `SCRAM-SHA-256$<iterations>:<salt>$<stored>:<server>`, bytes as base64."""
        return f"{MECHANISM}${self.iterations}:{_encode(self.salt)}${_encode(self.stored)}:{_encode(self.server)}"

    @classmethod
    def parse(cls, text: str) -> "ScramKeys":
        """Return the keys from their stored form.

        Raises:
            ValueError: it is no such form.
        """
        mechanism, derivation, keys = text.split("$")
        if mechanism != MECHANISM:
            raise ValueError(f"unknown mechanism {mechanism}")
        iterations, salt = derivation.split(":")
        stored, server = keys.split(":")
        return cls(int(iterations), _decode(salt), _decode(stored), _decode(server))


@dataclass(frozen=True, slots=True)
class ClientFirst:
    """What the client said first: its GS2 header, the name it logs in as, its nonce, and the bare message."""

    header: str
    name: str
    nonce: str
    bare: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """The server's first message, `text`, and what it must remember until the client answers."""

    first: ClientFirst
    keys: ScramKeys
    nonce: str
    text: str


def derive_keys(password: str, salt: bytes, iterations: int) -> ScramKeys:
    """Return what to keep of a password. As slow as `iterations` say: not for the event loop."""
    if iterations < _LEAST_ITERATIONS:
        raise ValueError(f"SCRAM needs at least {_LEAST_ITERATIONS} iterations")
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password), salt, iterations)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    return ScramKeys(iterations, salt, stored, _hmac(salted, b"Server Key"))


def parse_client_first(message: str) -> ClientFirst:
    """Read the client's first message, `n,[a=authzid],n=name,r=nonce`.

    Channel binding is not offered; `y` (the client could, and saw that the server cannot) is as good as `n`.

    Raises:
        InvalidInput: it is malformed, asks for channel binding or an extension, or for another identity than its name.
    """
    fields = message.split(",")
    if len(fields) < 4:
        raise _malformed()
    flag, authzid, name, nonce = fields[:4]
    if flag.startswith("p="):
        raise InvalidInput("channel-binding-not-supported", "mechanism")
    if flag not in {"n", "y"} or not name.startswith("n=") or not nonce.startswith("r="):
        raise _malformed()
    if authzid and authzid != f"a={name[2:]}":
        raise InvalidInput("other-error: nobody may act for somebody else", "authzid")
    if not _NONCE.fullmatch(nonce[2:]) or not name[2:]:
        raise _malformed()
    return ClientFirst(f"{flag},{authzid},", _unescaped(name[2:]), nonce[2:], ",".join(fields[2:]))


def challenge(first: ClientFirst, keys: ScramKeys, server_nonce: str) -> Challenge:
    """Return the server's answer to the first message; `server_nonce` is fresh, printable ASCII without a comma."""
    nonce = first.nonce + server_nonce
    return Challenge(first, keys, nonce, f"r={nonce},s={_encode(keys.salt)},i={keys.iterations}")


def server_final(asked: Challenge, client_final: str) -> str:
    """Verify the client's last message, `c=header,r=nonce,p=proof`, and return the server's, its own proof.

    Raises:
        InvalidInput: the message is malformed or does not belong to the challenge.
        Unauthenticated: the proof is wrong.
    """
    without_proof, separator, proof_text = client_final.rpartition(",p=")
    fields = without_proof.split(",")
    if not separator or len(fields) < 2 or not fields[0].startswith("c=") or not fields[1].startswith("r="):
        raise _malformed()
    bound = _decoded(fields[0][2:])
    if not hmac.compare_digest(bound, _bytes(asked.first.header)):
        raise InvalidInput("channel-bindings-dont-match", "header")
    if not hmac.compare_digest(_bytes(fields[1][2:]), _bytes(asked.nonce)):
        raise InvalidInput("other-error: the nonce is another", "nonce")
    authenticated = _bytes(f"{asked.first.bare},{asked.text},{without_proof}")
    proof, signature = _decoded(proof_text), _hmac(asked.keys.stored, authenticated)
    if len(proof) != len(signature):
        raise _malformed()
    client_key = bytes(left ^ right for left, right in zip(proof, signature, strict=True))
    if not hmac.compare_digest(hashlib.sha256(client_key).digest(), asked.keys.stored):
        raise Unauthenticated("Invalid name or password")
    return f"v={_encode(_hmac(asked.keys.server, authenticated))}"


def prepared(password: str) -> bytes:
    """Return the password as both sides feed it to the derivation: SASLprep (RFC 4013).

    A password that SASLprep forbids is used as it is, as others do it too (PostgreSQL's saslprep.c).
    """
    if password.isascii():
        return password.encode()
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char for char in password if not stringprep.in_table_b1(char)
    )
    normal = unicodedata.normalize("NFKC", mapped)
    usable = normal and not any(forbidden(char) for char in normal for forbidden in _PROHIBITED) and _one_way(normal)
    return _bytes(normal if usable else password)


def _one_way(text: str) -> bool:
    """Tell whether right-to-left text keeps to the rules of RFC 3454, 6."""
    if not any(stringprep.in_table_d1(char) for char in text):
        return True
    mixed = any(stringprep.in_table_d2(char) for char in text)
    return not mixed and stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])


def _unescaped(name: str) -> str:
    if _NAME_ESCAPE.search(name):
        raise _malformed()
    return name.replace("=2C", ",").replace("=3D", "=")


def _decoded(text: str) -> bytes:
    try:
        return _decode(text)
    except binascii.Error:
        raise _malformed() from None


def _decode(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii", "replace"), validate=True)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _malformed() -> InvalidInput:
    return InvalidInput("other-error: malformed SCRAM message", "message")
