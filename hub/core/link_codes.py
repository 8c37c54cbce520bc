"""Link codes: with one, a person says on another platform which account on the hub is theirs."""

from airchat.protocol.errors import Forbidden
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Credential, CredentialKind, Principal
from airchat.protocol.timestamps import MINUTE
from hub.core.audit import Audit
from hub.core.clock import Clock
from hub.core.codes import code_hash, new_code
from hub.core.limits import hit, refuse
from hub.core.permissions import Action, require_over
from hub.core.person import person_by_name
from store.ports.store import Store
from store.ports.unit import Unit

LINK_CODE_TIME = 15 * MINUTE
ATTEMPTS_PER_MINUTE = 5

_SLOT = "link code"


class LinkCodes:
    """Makes codes and takes them, each once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(self, actor: Principal, name: str) -> str:
        """Return a code, good once within 15 minutes, for oneself or, as an admin, for somebody else.

        Raises:
            NotFound: there is no such person.
            Forbidden: the actor may not, or the person is deactivated.
        """
        now = self._clock()
        code = new_code()
        secret_hash, code_id = code_hash(code), new_id(now)

        async def add(unit: Unit) -> None:
            person = (await person_by_name(unit, name)).principal
            if person.id != actor.id:
                require_over(actor, Action.MANAGE_PEOPLE, person.role)
            if not person.active:
                raise Forbidden(f'"{name}" is deactivated')
            expires_at = now + LINK_CODE_TIME
            kept = Credential(code_id, person.id, CredentialKind.LOGIN_LINK, _SLOT, "write", now, expires_at)
            await unit.credentials.add(kept, secret_hash)
            await Audit.record(unit, now, actor.id, "link_code.created", person.id, {"name": name})

        await self._store.write(add, "registration")
        return code

    async def use(self, code: str, who: str) -> Principal:
        """Return whose code it is, and use it up; `who` is known so on the platform, e.g. `slack:T1:U1`.

        Raises:
            RateLimited: they tried too often in the last minute.
            Forbidden: the code is unknown, used or expired, or its person deactivated; one text for all.
        """
        now = self._clock()
        presented = code_hash(code)

        async def count(unit: Unit) -> int:
            return await hit(unit, "link_code", who, ATTEMPTS_PER_MINUTE, now)

        async def use(unit: Unit) -> Principal:
            person = await unit.credentials.use_login_link(_SLOT, presented, now)
            if person is None or not person.active:
                raise Forbidden("The code is not valid, or not any more; make a new one")
            await Audit.record(unit, now, person.id, "person.linked", person.id, {"as": who})
            return person

        refuse(await self._store.write(count, "registration"))
        return await self._store.write(use, "registration")
