"""How the IRC server was set up."""

from dataclasses import dataclass
from enum import StrEnum

from airchat.protocol.principals import Role


class AccountRegistration(StrEnum):
    """Whether clients may make accounts for themselves, and when."""

    OFF = "off"
    OPEN = "open"
    BEFORE_CONNECT = "before-connect"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class IrcConfig:
    """What the administrator chose. `guests` is the role of people without an account; None keeps them out.

    With `free_nicks` an account may be present under another nick than its name. `limits` off is for tests alone: no
    flood control and no bounds per address. `bridges` are accounts that speak for many. Tasks that IRC clients make are
    claimed for `task_lease_seconds`. Links that people are given begin with `web_url`.
    """

    server_name: str = "airchat.hub"
    network: str = "AirChat"
    version: str = "AirChat"
    guests: Role | None = None
    free_nicks: bool = False
    password: str | None = None
    oper_name: str | None = None
    oper_password: str | None = None
    registration: AccountRegistration = AccountRegistration.OFF
    motd: tuple[str, ...] = ()
    limits: bool = True
    sts_port: int | None = None
    sts_seconds: int = 0
    web_url: str | None = None
    registration_seconds: float = 60.0
    ping_seconds: float = 120.0
    task_lease_seconds: int = 300
    bridges: frozenset[str] = frozenset()
