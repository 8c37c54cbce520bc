"""What is told about a network: where it is, who we are there, and how much we may say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

NICK_LENGTH = 30


@dataclass(frozen=True, slots=True)
class Network:
    """One network, called `name`: the platform of its links.

    `password` is the account's for SASL PLAIN, as `account` (the nick, if not said otherwise); a `client_cert` logs in
    by SASL EXTERNAL. `server_password` is for servers that want one of everybody, `keys` by name for such channels.

    `per_second` and `burst` are how many lines may be sent in the long run and after a pause. A message gets at most
    `lines` lines; what is longer is linked, at `web_url` (the hub's address).
    """

    name: str
    host: str
    port: int = 6697
    tls: bool = True
    tls_verify: bool = True
    tls_ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    nick: str = "airchat"
    user: str = "airchat"
    realname: str = "AirChat Hub"
    account: str | None = None
    password: str | None = None
    server_password: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    per_second: float = 0.5
    burst: int = 4
    lines: int = 6
    colors: bool = True
    relaymsg: bool = True
    reactions: str = "words"  # or "tags"
    edits: bool = False
    web_url: str | None = None

    @property
    def login(self) -> str:
        """The account's name."""
        return self.account or self.nick


def fold(text: str, casemapping: str = "rfc1459") -> str:
    """Return a nick or channel as the network compares it."""
    folded = text.lower()
    if casemapping == "ascii":
        return folded
    folded = folded.translate(str.maketrans("[]\\", "{}|"))
    return folded.replace("~", "^") if casemapping == "rfc1459" else folded


def candidates(nick: str) -> Iterator[str]:
    """Yield the nicks that we go by there: the wanted one, and others in case it is in use."""
    yield nick
    for number in range(1, 100):
        tail = "_" * number if number < 4 else str(number)
        yield nick[: NICK_LENGTH - len(tail)] + tail


def is_channel(text: str) -> bool:
    """Tell whether a text can name a channel: nothing else is ever joined, spoken in or mirrored."""
    return re.fullmatch(r"[#&+!][^\0-\x20,\x07:]{1,199}", text) is not None
