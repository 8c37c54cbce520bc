"""Who this machine and this agent are: key files, agent names, the signature of a registration.

Files, all under `~/.airchat`: `machine.key` (Ed25519 private key: 64 hex digits of its seed, or PEM; mode 0600),
`machine.pub` (64 hex digits), `agents/<agent>.key` (the key the hub knows an agent by: 64 hex digits; 0600 in 0700).
"""

import base64
import contextlib
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Protocol

from airchat import repairs
from airchat.errors import AirChatConfigError
from airchat.protocol.names import NAME_RULE, is_name, sanitize
from airchat.protocol.signing import Registration

OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY = re.compile(r"[0-9a-f]{64}")


def default_home() -> Path:
    """Return `~/.airchat`."""
    return Path.home() / ".airchat"


def derive_agent_name(machine_name: str, project: str | None = None) -> str:
    """Return `<machine>-<project>`, sanitised; the project defaults to AIRCHAT_PROJECT, then to the current folder.

    Raises:
        AirChatConfigError: nothing usable remains of the name.
    """
    project = project or os.environ.get("AIRCHAT_PROJECT") or Path.cwd().name
    name = sanitize(f"{machine_name}-{project}")
    if not is_name(name):
        raise AirChatConfigError(
            f"{name!r} cannot be an agent's name ({NAME_RULE}). Pass project= or agent_name=.",
            "In a shell: export AIRCHAT_PROJECT=OTHER",
        )
    return name


def new_key() -> str:
    """Return a fresh random key, 64 hex digits."""
    return secrets.token_hex(32)


def sign(private_key: str, registration: Registration) -> str:
    """Return the Ed25519 signature of a registration, standard base64; `private_key` is the seed in hex."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow import

    signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
    return base64.b64encode(signer.sign(registration.signed_bytes()[0])).decode()


def public_key(private_key: str) -> str:
    """Return the public key that belongs to a private one, both in hex."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow import

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key)).public_key().public_bytes_raw().hex()


def load_private_key(path: Path, enrolment: str | None = None) -> str:
    """Return the machine's private key as hex; `enrolment` is how it gets one.

    Raises:
        AirChatConfigError: the file is missing, readable by others, or no key.
    """
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise AirChatConfigError(f"There is no machine key at {path}.", enrolment or repairs.enrolment()) from None
    except (OSError, UnicodeDecodeError) as error:
        raise AirChatConfigError(
            f"The machine key {path} cannot be read: {error}.", repairs.reading(path, error)
        ) from error
    if open_to_others(path):
        raise AirChatConfigError(f"Others can read the machine key {path}.", f"Run: chmod 600 {path}")
    return _seed(text, path)


def create_machine_key(home: Path) -> str:
    """Return the machine's private key as hex, made and stored now unless there is one already."""
    path = home / "machine.key"
    if path.exists():
        return load_private_key(path)
    key = new_key()
    make_private_folder(home)
    write_private(path, f"{key}\n")
    (home / "machine.pub").write_text(f"{public_key(key)}\n")
    return key


def open_to_others(path: Path) -> bool:
    """Tell whether other users may access a file. Only POSIX systems know."""
    return os.name == "posix" and bool(path.stat().st_mode & OTHERS)


def make_private_folder(path: Path) -> None:
    """Create a folder that only its owner may enter, and what is missing above it likewise."""
    for folder in (*reversed(path.parents), path):
        folder.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, replacing what is there in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


class KeyStore(Protocol):
    """Where an agent keeps its key between runs."""

    def load(self) -> str | None:
        """Return the stored key, or None."""
        ...

    def save(self, key: str) -> None:
        """Store a new key instead of the old one."""
        ...


class KeyFile:
    """An agent's key in a file. What is no key, or was readable by others, counts as missing: a new one replaces it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> str | None:
        """Return the stored key, or None."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            text = self.path.read_text("ascii").strip()
            if _KEY.fullmatch(text) and not open_to_others(self.path):
                return text
        return None

    def save(self, key: str) -> None:
        """Store a new key instead of the old one.

        Raises:
            AirChatConfigError: the file cannot be written.
        """
        try:
            make_private_folder(self.path.parent)
            write_private(self.path, key)
        except OSError as error:
            raise AirChatConfigError(f"The agent's key cannot be stored at {self.path}: {error}") from error


def _seed(text: str, path: Path) -> str:
    if _KEY.fullmatch(text.lower()):
        return text.lower()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow import
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - slow import

    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise AirChatConfigError(
            f"The machine key {path} is neither 64 hex digits nor an Ed25519 key in PEM form.",
            repairs.reading(path),
        )
    return key.private_bytes_raw().hex()
