"""Sign-ups: making an account for oneself with an e-mail address, which a code that is sent there proves.

Until its code comes back a sign-up is in memory alone: a hub that starts anew knows nothing of it, and one asks again.
"""

import hmac
import re
from dataclasses import dataclass, field

from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, Unavailable
from airchat.protocol.principals import Principal
from airchat.protocol.signing import hash_secret
from airchat.protocol.timestamps import DAY, HOUR, MINUTE
from hub.core.addresses import counted
from hub.core.clock import Clock
from hub.core.codes import code_hash, new_code
from hub.core.limits import LoginLimits, hit, hit_from, refuse
from hub.core.mail import Mail
from hub.core.passwords import Passwords, Secrets
from hub.core.person import insert_person, own_person, require_free
from store.ports.people import Person
from store.ports.store import Store
from store.ports.unit import Unit

HOLD_TIME = HOUR
TRIES = 5
MOST = 1_000
MAILS_PER_ADDRESS = 3
MAILS_PER_IP = 10
MAILS = 500
"""How many are sent in an hour, so that nobody with many addresses of the network makes the hub flood a domain."""
ASKS_PER_NAME = 5
"""How often a day one address of the network may ask for the same name, so that it cannot hold it for ever."""

_EMAIL_LENGTH = 254
_EMAIL = re.compile(
    r"(?P<user>[A-Za-z0-9_][A-Za-z0-9_.'&=~-]{0,63})(\+[A-Za-z0-9_.'&=~+-]{0,63})?"
    r"@(?P<host>([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9]))"
)
"""One address and nothing else. ASCII alone: with others, two mailboxes can be the same once case is folded."""


@dataclass(slots=True)
class _Waiting:
    """What waits for its code; `ip` asked for it, and the name is theirs until `expires_at`."""

    person: Person
    kept: Secrets
    code_hash: str
    ip: str
    expires_at: int
    tries: int = field(default=0)


class Signups:
    """Takes and completes sign-ups, for a hub that is called `hub_name`."""

    def __init__(  # noqa: PLR0917 - what it is made of, each once
        self,
        store: Store,
        clock: Clock,
        passwords: Passwords,
        mail: Mail,
        hub_name: str,
        limits: LoginLimits | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._mail = mail
        self._hub_name = " ".join(hub_name.split())
        self._limits = limits or LoginLimits()
        self._waiting: dict[str, _Waiting] = {}

    async def ask(self, spelling: str, password: str, email: str, ip: str) -> Principal:
        """Send a code to the address, and keep the name for an hour; return who would have the account.

        Asking again with the same password sends a new code in place of the one before, and gives no more time.

        Raises:
            InvalidInput: a field breaks a rule, or there is no such mailbox.
            RateLimited: too many were asked for from `ip`, or too many mails were sent to the address.
            Conflict: the name is taken, or kept for somebody else.
            Unavailable: no mail can be sent, or too many sign-ups wait.
        """
        now = self._clock()
        mailbox = _mailbox(email)
        person = own_person(spelling, email, now)
        name = person.principal.name
        refuse(await self._store.write(lambda unit: self._count_asker(unit, name, ip, now), "registration"))
        async with self._store.read() as unit:
            await require_free(unit, name)
        before = self._live(name)
        if before is not None and not await self._passwords.verify(before.kept[0][1], password):
            raise _held(name)
        kept = await self._passwords.secrets(person.principal.id, password, now)
        refuse(await self._store.write(lambda unit: _count_mail(unit, mailbox, ip, now), "registration"))
        if self._live(name) is not before:
            raise _held(name)
        if before is None and len(self._waiting) >= MOST:
            raise Unavailable("Too many accounts wait for their codes. Try again later.", retry_after=60)
        code = new_code()
        fresh = _Waiting(person, kept, code_hash(code), ip, before.expires_at if before else now + HOLD_TIME)
        await self._send(fresh, before, email, code)
        return person.principal

    async def verify(self, spelling: str, code: str, ip: str) -> Principal:
        """Make the account that waits for the code, and return it; who asked for it must be the one who verifies.

        Otherwise whoever asks for a name with somebody else's address could wait until its owner proves it for them.

        Raises:
            Forbidden: nothing that `ip` asked for waits for this code; one text for all. After five wrong ones it waits
                no longer.
            Conflict: somebody has got the name since.
            Unavailable: the store takes nothing now; the code can be used again.
        """
        name, now = spelling.lower(), self._clock()
        waiting = self._live(name)
        if waiting is None or counted(waiting.ip) != counted(ip):
            raise _wrong_code()
        if not hmac.compare_digest(code_hash(code), waiting.code_hash):
            waiting.tries += 1
            if waiting.tries >= TRIES:
                del self._waiting[name]
            raise _wrong_code()
        del self._waiting[name]  # a code is good once
        me = waiting.person.principal
        try:
            await self._store.write(
                lambda unit: insert_person(unit, now, me, waiting.person, waiting.kept), "registration"
            )
        except Conflict:
            raise
        except BaseException:
            self._waiting.setdefault(name, waiting)
            raise
        return me

    async def _send(self, fresh: _Waiting, before: _Waiting | None, email: str, code: str) -> None:
        """Let it wait for its code, which is sent; when it cannot be sent all is as before."""
        name = fresh.person.principal.name
        minutes = -(-(fresh.expires_at - self._clock()) // MINUTE)
        self._waiting[name] = fresh
        try:
            await self._mail.send(email, f"Your account on {self._hub_name}", self._text(name, code, minutes))
        except BaseException:
            if self._waiting.get(name) is fresh:
                del self._waiting[name]
                if before is not None:
                    self._waiting[name] = before
            raise

    def _text(self, name: str, code: str, minutes: int) -> str:
        return (
            f"On {self._hub_name} somebody asked for this account, with your address:\n\n"
            f"    {name}\n\n"
            f"If it was you, say this there within {minutes} minutes, from where you asked:\n\n"
            f"    /quote VERIFY {name} {code}\n\n"
            "If it was not you, do nothing: without the code no account is made.\n"
            "Give the code to nobody.\n"
        )

    def _live(self, name: str) -> _Waiting | None:
        """Return what waits under the name, after forgetting all that has waited long enough."""
        now = self._clock()
        for late in [it for it, waiting in self._waiting.items() if waiting.expires_at <= now]:
            del self._waiting[late]
        return self._waiting.get(name)

    async def _count_asker(self, unit: Unit, name: str, ip: str, now: int) -> int:
        wait = await hit_from(unit, "account.ip", ip, self._limits.registrations_per_ip, now)
        return wait or await hit(unit, "signup.name", f"{name} {counted(ip)}", ASKS_PER_NAME, now, window=DAY)


async def _count_mail(unit: Unit, mailbox: str, ip: str, now: int) -> int:
    wait = await hit_from(unit, "mail.ip", ip, MAILS_PER_IP, now, window=HOUR)
    wait = wait or await hit(unit, "mail.address", hash_secret(mailbox), MAILS_PER_ADDRESS, now, window=HOUR)
    return wait or await hit(unit, "mail", "all", MAILS, now, window=HOUR)


def _mailbox(email: str) -> str:
    """Return whose mailbox the address is: those that differ in a tag (`name+tag@...`) are one."""
    found = _EMAIL.fullmatch(email) if len(email) <= _EMAIL_LENGTH else None
    if found is None:
        raise InvalidInput("email must be an address such as name@example.org, in plain letters", "email")
    return f"{found['user']}@{found['host']}".lower()


def _held(name: str) -> Conflict:
    return Conflict(f'The name "{name}" is kept for somebody who has asked for it')


def _wrong_code() -> Forbidden:
    return Forbidden("Nothing that was asked for from your address waits for this code")
