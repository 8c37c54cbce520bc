"""A person's account within a unit of work: its rules, finding it, and saving it with its event and audit entry."""

from airchat.protocol.errors import Conflict, InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.ids import new_id
from airchat.protocol.names import NAME_RULE, is_name, is_reserved
from airchat.protocol.principals import Kind, Principal, Role
from airchat.protocol.rows import principal_row
from hub.core.audit import Audit
from hub.core.passwords import Secrets, keep_password
from hub.core.text import checked_line
from store.ports.people import Person
from store.ports.unit import Unit

_DISPLAY_NAME_LENGTH = 100
_EMAIL_LENGTH = 254


def new_person(name: str, display_name: str | None, email: str | None, role: Role, now: int) -> Person:
    """Return an account to be made.

    Raises:
        InvalidInput: a field breaks a rule.
    """
    if not is_name(name) or is_reserved(name):
        raise InvalidInput(f"name must have {NAME_RULE}, and not be reserved", "name")
    display_name = checked_display_name(display_name) if display_name else None
    return Person(
        Principal(new_id(now), Kind.PERSON, name, role, now, display_name), _checked_email(email) if email else None
    )


def own_person(spelling: str, email: str | None, now: int) -> Person:
    """Return a member's account that somebody makes for themselves.

    Its name is the spelling in small letters; a spelling with others is what it is shown as.

    Raises:
        InvalidInput: a field breaks a rule.
    """
    name = spelling.lower() if spelling.isascii() else spelling
    return new_person(name, spelling if spelling != name else None, email, Role.MEMBER, now)


def checked_display_name(display_name: str) -> str:
    """Return the name as one line. Errors as in `checked_line`."""
    return checked_line(display_name, "display_name", _DISPLAY_NAME_LENGTH)


async def require_free(unit: Unit, name: str) -> None:
    """Do nothing when nobody has the name.

    Raises:
        Conflict: somebody has.
    """
    if await unit.principals.by_name(name) is not None:
        raise Conflict(f'The name "{name}" is taken')


async def insert_person(unit: Unit, now: int, actor: Principal | None, person: Person, kept: Secrets) -> None:
    """Make the account, with its password if `kept` holds one.

    Raises:
        Conflict: the name is taken.
    """
    await unit.principals.save(person.principal)
    await unit.people.save(person.principal.id, person.email)
    await keep_password(unit, kept)
    await log_person(unit, now, actor, person.principal, "person.created")


async def person_by_name(unit: Unit, name: str) -> Person:
    """Return the person with that name.

    Raises:
        NotFound: there is none.
    """
    principal = await unit.principals.by_name(name) if is_name(name) else None
    person = await unit.people.get(principal.id) if principal else None
    if person is None:
        raise NotFound(f'No person is named "{name}"')
    return person


async def log_person(unit: Unit, now: int, actor: Principal | None, principal: Principal, action: str) -> None:
    """Tell of a new or changed account, and write it to the audit trail."""
    actor_id, data = actor.id if actor else None, principal_row(principal)
    event = EventDraft(EventKind.PRINCIPAL_CHANGED, now, actor_id, subject_id=principal.id, data=data)
    await unit.events.append([event])
    detail = {"name": principal.name, "role": principal.role.value, "active": principal.active}
    await Audit.record(unit, now, actor_id, action, principal.id, detail)


def _checked_email(email: str) -> str:
    email = checked_line(email, "email", _EMAIL_LENGTH)
    user, _, host = email.rpartition("@")
    if not user or not host or " " in email:
        raise InvalidInput("email must be an address such as name@example.org", "email")
    return email
