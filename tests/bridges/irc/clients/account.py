"""Whom a client connects as, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An address and a name. With `account` the client logs in by SASL PLAIN, else it sends `password` by PASS."""

    port: int
    nick: str
    password: str
    account: str = ""
    host: str = "127.0.0.1"
