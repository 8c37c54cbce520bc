"""The client's side of SCRAM-SHA-256, written from RFC 5802 alone: it shares nothing with the hub's."""

import hashlib
import hmac
from base64 import b64decode, b64encode


class ScramClient:
    """One login. `first` and `final` are what to send; `proves` tells whether the server knew the password too."""

    def __init__(self, name: str, password: bytes, nonce: str = "rOprNGfwEbeRWgbNEkqO", header: str = "n,,") -> None:
        self.password = password
        self.header = header
        self.bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
        self.first = header + self.bare
        self.signature = b""

    def final(self, server_first: str) -> str:
        nonce, salt, rounds = (part[2:] for part in server_first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.password, b64decode(salt), int(rounds))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        begun = f"c={b64encode(self.header.encode()).decode()},r={nonce}"
        message = f"{self.bare},{server_first},{begun}".encode()
        mask = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        self.signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        proof = bytes(left ^ right for left, right in zip(client_key, mask, strict=True))
        return f"{begun},p={b64encode(proof).decode()}"

    def proves(self, server_final: str) -> bool:
        return server_final == f"v={b64encode(self.signature).decode()}"
