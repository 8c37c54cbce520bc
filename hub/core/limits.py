"""Rates that a restart or a second hub must not forget, counted in the store."""

from dataclasses import dataclass

from airchat.protocol.errors import RateLimited
from airchat.protocol.signing import hash_secret
from airchat.protocol.timestamps import MINUTE, SECOND
from hub.core.addresses import counted
from store.ports.store import Store
from store.ports.unit import Unit

_KEY_LENGTH = 100
_NO_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """Logins a minute from one address and for one name, and accounts a minute that one address may make for itself."""

    per_ip: int = 10
    per_name: int = 10
    registrations_per_ip: int = 5

    @classmethod
    def none(cls) -> "LoginLimits":
        """Return limits that nobody reaches: for tests."""
        return cls(_NO_LIMIT, _NO_LIMIT, _NO_LIMIT)


async def hit(unit: Unit, bucket: str, key: str, limit: int, now: int, *, window: int = MINUTE) -> int:
    """Count a hit of `key` in the last minute, or other window (microseconds); return 0, or how long to wait.

    One waits when `limit` is exceeded, in microseconds, and the hit is not counted then.
    A unit of work that raises is rolled back and its hits with it: let it return the wait, and pass that to `refuse`.
    `key` may be any text a stranger sends.
    """
    plain = key.isascii() and key.isprintable() and len(key) <= _KEY_LENGTH
    return await unit.guards.hit(bucket, key if plain else hash_secret(key), limit, window, now)


async def hit_from(unit: Unit, bucket: str, ip: str, limit: int, now: int, *, window: int = MINUTE) -> int:
    """Count a hit from an address of the network: like `hit`, by what such an address is counted by."""
    return await hit(unit, bucket, counted(ip), limit, now, window=window)


def refuse(wait: int) -> None:
    """Do nothing when there is no wait (microseconds).

    Raises:
        RateLimited: there is one.
    """
    if wait:
        raise RateLimited(retry_after=-(-wait // SECOND))


async def count_login(store: Store, limits: LoginLimits, name: str, ip: str, now: int) -> None:
    """Count an attempt to log in as `name` from the address, before anything of it is tried.

    Raises:
        RateLimited: there were too many in the last minute.
    """

    async def count(unit: Unit) -> int:
        by_ip = await hit_from(unit, "login.ip", ip, limits.per_ip, now)
        return by_ip or await hit(unit, "login.name", name, limits.per_name, now)

    refuse(await store.write(count, "registration"))
