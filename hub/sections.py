"""The sections of the hub's settings: their keys, the rules of their values, and what holds where nothing is said."""

import json
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from airchat.protocol import limits
from hub import patterns

Network = IPv4Network | IPv6Network
Rate = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]

_KEY = re.compile(r"[#&+!][^\s,]+\s+[^\s,]+")
"""A line of a file of keys: a channel of an IRC network, and what lets in."""


def _listed(value: Any) -> Any:
    """Let a list be written in one variable: as JSON, or separated by commas."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [item.strip() for item in value.split(",") if item.strip()]
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("must be items with commas between them, or a list as in JSON") from error


class Section(BaseModel):
    """Base of the sections: what is not declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HubSection(Section):
    """The hub itself. `public_url` is how clients reach it; without it, links use the address they asked."""

    name: str = "AirChat Hub"
    state_dir: Path = Field(default_factory=lambda: platformdirs.user_state_path("airchat-hub"))
    public_url: str | None = Field(default=None, pattern=patterns.URL)
    default_channels: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ("general", "global", "status", "alerts")


class HttpSection(Section):
    """Where the API is served, and with `mcp` also MCP, at /mcp.

    At /metrics are figures for "admins" alone, also for whoever asks from this machine ("loopback"), or none ("off").

    From `trusted_proxies` alone is a client's address taken from the request's headers.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(default=3003, ge=0, le=65535)
    mcp: bool = True
    metrics: Literal["off", "admins", "loopback"] = "admins"
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_listed)] = (
        IPv4Network("127.0.0.0/8"),
        IPv6Network("::1/128"),
    )


class StoreSection(Section):
    """Where data is kept. `url` defaults to SQLite in the state directory.

    On Postgres, `registrar_url` logs in as the role that may register agents and keep credentials, and `owner_url` as
    the one that owns the schema.
    """

    url: str | None = None
    registrar_url: str | None = None
    owner_url: str | None = None


class LimitsSection(Section):
    """Requests a minute of one principal (0: no limit), registrations and logins a minute, and counts."""

    read: Rate = 60
    write: Rate = 30
    upkeep: Rate = 120
    mcp: Rate = 240
    register_per_ip: Count = 10
    register_per_machine: Count = 5
    agents_per_machine: Count = limits.AGENTS_PER_MACHINE
    login_per_ip: Count = 10
    login_per_name: Count = 10
    accounts_per_ip: Count = 5
    streams_per_principal: Count = 20


class AuthSection(Section):
    """With the `admin_secret` machines can enrol over HTTP; without it, only invitations and commands enrol them."""

    admin_secret: SecretStr | None = None


class FilesSection(Section):
    """Shared files."""

    max_bytes: int = Field(default=limits.FILE_BYTES, ge=1)


class MailSection(Section):
    """The server through which the hub sends mail as `sender`; needed where accounts are made with an address.

    `security` is "starttls" (mostly on port 587), "tls" from the first byte (465), or "none", for a server on this
    machine or network that wants no password.
    """

    host: str | None = Field(default=None, min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = Field(default=None, pattern=patterns.MAIL_USER)
    password: SecretStr | None = None
    sender: str | None = Field(default=None, pattern=patterns.MAIL_ADDRESS)

    @model_validator(mode="after")
    def _password_is_safe(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together; set both, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError('a password would be sent in the clear; set security to "starttls" or "tls"')
        return self


class SlackSection(Section):
    """The Slack bridge; it runs when it is enabled and has a bot token.

    It hears of what happens over Socket Mode, with the app token, or over HTTP, with the signing secret. With
    `match_email`, whoever has the address of an account of the hub in Slack is that person; with `streaming`, answers
    in threads are shown as being written.
    """

    enabled: bool = True
    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    match_email: bool = False
    streaming: bool = True
    api_url: str = "https://slack.com/api/"


class DiscordSection(Section):
    """The Discord bridge; it runs when it is enabled and has a token. `guild` is the server, by name or id."""

    enabled: bool = True
    token: SecretStr | None = None
    guild: str | None = None
    api_url: str = "https://discord.com/api/v10"


class IrcSection(Section):
    """The IRC server. A host and port each for clients in the clear and, with a certificate, over TLS.

    With `sts_seconds` clients are told to come by TLS alone for that long after each visit. `guests` says who may come
    without an account: nobody ("off"), with a guest's rights, or with a member's.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(default=6667, ge=0, le=65535)
    tls_host: str = "127.0.0.1"
    tls_port: int = Field(default=6697, ge=0, le=65535)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    sts_seconds: int = Field(default=0, ge=0)
    websocket_host: str = "127.0.0.1"
    websocket_port: int | None = Field(default=None, ge=0, le=65535)
    websocket_origins: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    proxies: Annotated[tuple[Network, ...], BeforeValidator(_listed)] = ()
    server_name: str = Field(default="airchat.hub", pattern=patterns.SERVER_NAME)
    network: str = Field(default="AirChat", pattern=patterns.NETWORK)
    motd: str = ""
    guests: Literal["off", "guest", "member"] = "off"
    nicks: Literal["accounts", "free"] = "accounts"
    registration: Literal["off", "open", "before-connect", "email"] = "off"
    password: SecretStr | None = None
    oper_name: str | None = None
    oper_password: SecretStr | None = None
    limits: Literal["normal", "none"] = "normal"
    bridges: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    task_lease_seconds: int = Field(default=300, ge=1, le=86_400)
    demo_logins: bool = False


class IrcNetworkSection(Section):
    """An IRC network that others run, which the hub joins as a client; `name` is the platform of its links.

    `password` logs in as `account` by SASL, a `client_cert` by SASL EXTERNAL. `per_second` and `burst` say how many
    lines may be sent; `lines` how many of them a message gets before the rest is a link. With `edits`, `s/old/new/` by
    the author within a minute is an edit. `reactions` are told in "words", or as "tags", which few clients show.
    `keys` let into channels that want one (+k): a line for each, `#channel key`.
    """

    name: str = Field(pattern=patterns.PLATFORM)
    enabled: bool = True
    host: str = Field(min_length=1)
    port: int = Field(default=6697, ge=1, le=65535)
    tls: bool = True
    tls_verify: bool = True
    tls_ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    nick: str = Field(default="airchat", pattern=patterns.NICK)
    user: str = Field(default="airchat", pattern=patterns.IRC_USER)
    realname: str = Field(default="AirChat Hub", min_length=1, max_length=100)
    account: str | None = Field(default=None, pattern=patterns.ACCOUNT)
    password: SecretStr | None = None
    server_password: SecretStr | None = None
    keys: SecretStr | None = None
    per_second: float = Field(default=0.5, gt=0, le=1_000)
    burst: int = Field(default=4, ge=1, le=1_000)
    lines: int = Field(default=6, ge=2, le=50)
    colors: bool = True
    relaymsg: bool = True
    reactions: Literal["words", "tags"] = "words"
    edits: bool = False

    @field_validator("keys")
    @classmethod
    def _keys_are_lines(cls, keys: SecretStr | None) -> SecretStr | None:
        for number, line in enumerate(keys.get_secret_value().splitlines() if keys else (), 1):
            if line.strip() and not _KEY.fullmatch(line.strip()):
                raise ValueError(f"line {number} must be a channel and its key: #channel key")
        return keys


class ApprovalsSection(Section):
    """Who answers when an agent asks whether it may run something, and names nobody: by default owners and admins."""

    approvers: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    expiry_seconds: int = Field(default=600, ge=10, le=86_400)


class RedactionSection(Section):
    """Whether secrets are taken out of what is written, before it is stored; a channel can be spared."""

    enabled: bool = True


class GuardsSection(Section):
    """When agents do not wake agents any more, until a person speaks or the time is over; 0 is without limit.

    `streak` messages from agents to agents in a row, answers `hops` away from a person's word, and how often a pair may
    wake each other.
    """

    enabled: bool = True
    streak: int = Field(default=8, ge=0, le=1_000)
    hops: int = Field(default=16, ge=0, le=1_000)
    pair_per_minute: Rate = 20
    pair_per_hour: Rate = 40


class BudgetSection(Section):
    """How much agents may make agents do, `per` agent that is woken, channel, or sender who wakes; 0 is without limit.

    Without a name it is for all of them, else for the one of that name; what it does not say is as for all.
    """

    per: Literal["agent", "channel", "sender"]
    name: str | None = None
    streak: Rate | None = None
    wakes_per_hour: Rate | None = None
    wakes_per_day: Rate | None = None
    turns_per_hour: Rate | None = None
    turns_per_day: Rate | None = None
    tokens_per_hour: Rate | None = None
    tokens_per_day: Rate | None = None
    usd_per_hour: float | None = Field(default=None, ge=0)
    usd_per_day: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _streak_is_a_channels(self) -> Self:
        if self.streak is not None and (self.per != "channel" or self.name is None):
            raise ValueError("streak is for a channel with a name; [guards] streak is for all others")
        return self


class LinkSection(Section):
    """A hub channel tied to a channel of a platform, which `remote` names as people there do, e.g. `#general`.

    Both may be patterns with one `*`. `allow`, `ignore` and `commanders` name users there, or roles by their ids.
    """

    channel: str = Field(pattern=patterns.CHANNEL)
    platform: str = Field(pattern=patterns.PLATFORM)
    remote: str = Field(min_length=1, max_length=200)
    direction: Literal["both", "in", "out"] = "both"
    mirror: tuple[Literal["edits", "deletes", "reactions", "files", "threads", "topic", "joins"], ...] = (
        "edits",
        "deletes",
        "reactions",
        "files",
        "threads",
        "topic",
    )
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    commanders: tuple[str, ...] = ()
    bots: bool = True
    backfill: int = Field(default=0, ge=0, le=1_000)

    @model_validator(mode="after")
    def _patterns_agree(self) -> Self:
        if self.channel.count("*") != self.remote.count("*") or self.channel.count("*") > 1:
            raise ValueError("channel and remote must both be patterns with one *, or neither")
        return self
