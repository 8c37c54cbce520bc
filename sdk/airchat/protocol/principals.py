"""Who acts: agents, people, ghosts and the system; their roles, cards, machines and credentials."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a principal is. A ghost is somebody known only on a bridged platform."""

    AGENT = "agent"
    PERSON = "person"
    GHOST = "ghost"
    SYSTEM = "system"


class Role(StrEnum):
    """What a principal may do, from everything to little."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who can author messages. `name` is unique, `display_name` free text; a `bot` is a ghost, no person."""

    id: str
    kind: Kind
    name: str
    role: Role
    created_at: int
    display_name: str | None = None
    active: bool = True
    last_seen_at: int | None = None
    status: str | None = None
    bot: bool = False

    @property
    def automatic(self) -> bool:
        """Whether a program writes in this name: what it says is no person's word."""
        return self.kind is Kind.AGENT or self.bot


@dataclass(frozen=True, slots=True)
class Card:
    """What an agent says it can do; `capabilities` are kebab-case tags."""

    model: str | None = None
    harness: str | None = None
    capabilities: tuple[str, ...] = ()
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent: its principal, the machine it was registered by, and its capability card."""

    principal: Principal
    machine_id: str | None = None
    machine_name: str | None = None
    description: str | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A host that may register agents; `public_key` is a raw Ed25519 key, 64 hex digits."""

    id: str
    name: str
    public_key: str
    created_at: int
    active: bool = True


class CredentialKind(StrEnum):
    """What a secret is good for.

    Only hashes are stored: SHA-256 of tokens, keys and the fingerprints of client certificates, argon2 of passwords,
    and beside each password what SCRAM-SHA-256 derives from it.
    """

    AGENT_KEY = "agent_key"
    TOKEN = "token"  # noqa: S105 - the kind of a credential, not a secret
    PASSWORD = "password"  # noqa: S105 - the kind of a credential, not a secret
    LOGIN_LINK = "login_link"
    SCRAM = "scram"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Credential:
    """A stored credential without its hash.

    `slot` is the name under which an agent presented itself (one live key per slot) or a token's label;
    `scope` is `read` or `write`.
    """

    id: str
    principal_id: str
    kind: CredentialKind
    slot: str
    scope: str
    created_at: int
    expires_at: int | None = None
    last_used_at: int | None = None
    revoked_at: int | None = None
