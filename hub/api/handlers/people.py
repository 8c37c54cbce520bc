"""People and their roles."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints

from airchat.protocol.principals import Role
from airchat.protocol.timestamps import SECOND
from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Name, Text
from hub.api.schemas import PersonRow
from hub.core.link_codes import LINK_CODE_TIME
from hub.core.people import LOGIN_LINK_TIME
from hub.core.permissions import Action

RoleName = Literal["owner", "admin", "member", "guest"]


class PersonBody(BaseModel):
    """A person to add."""

    name: Name
    display_name: Text | None = None
    email: Text | None = None
    role: RoleName | None = None
    password: Annotated[Text, StringConstraints(max_length=1000)] | None = None


class ChangeBody(BaseModel):
    """What to change."""

    role: RoleName | None = None
    active: bool | None = None
    display_name: Text | None = None


class NewPasswordBody(BaseModel):
    """A new password; `old` is needed by whoever changes their own and is no admin."""

    password: Annotated[Text, StringConstraints(min_length=1, max_length=1000)]
    old: Annotated[Text, StringConstraints(min_length=1, max_length=1000)] | None = None


class PersonList(BaseModel):
    """Everybody with an account, by name."""

    people: list[PersonRow]


class OnePerson(BaseModel):
    """A person."""

    person: PersonRow


class LoginLink(BaseModel):
    """A link that logs in once, and for how many seconds it is good."""

    url: str
    expires_in: int


class LinkCode(BaseModel):
    """A one-use code, for how many seconds it is good, and what to type on the other platform."""

    code: str
    expires_in: int
    command: str


async def list_people(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """List people."""
    return {"people": [views.person_row(person) for person in await cases.people.list(call.actor)]}


async def create(cases: UseCases, call: Call[Empty, PersonBody]) -> Any:
    """Add a person."""
    body = call.body
    person = await cases.people.create(
        call.actor,
        body.name,
        display_name=body.display_name,
        email=body.email,
        role=Role(body.role or "member"),
        password=body.password,
    )
    return {"person": views.person_row(person)}


async def update(cases: UseCases, call: Call[Empty, ChangeBody]) -> Any:
    """Change a person."""
    body = call.body
    person = await cases.people.update(
        call.actor,
        call.path["name"],
        role=Role(body.role) if body.role else None,
        active=body.active,
        display_name=body.display_name,
    )
    return {"person": views.person_row(person)}


async def set_password(cases: UseCases, call: Call[Empty, NewPasswordBody]) -> Any:
    """Set somebody's password."""
    person = await cases.people.set_password(call.actor, call.path["name"], call.body.password, call.body.old)
    return {"person": views.person_row(person)}


async def login_link(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Make a login link."""
    secret = await cases.people.login_link(call.actor, call.path["name"])
    return {"url": f"{call.base_url}/login/{secret}", "expires_in": LOGIN_LINK_TIME // SECOND}


async def link_code(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Make a link code."""
    code = await cases.link_codes.create(call.actor, call.path["name"])
    return {"code": code, "expires_in": LINK_CODE_TIME // SECOND, "command": f"/airchat link {code}"}


_TAG = "people"

ENDPOINTS = (
    Endpoint("GET", "/api/v2/people", list_people, _TAG, "List people", PersonList, errors=(403,)),
    Endpoint(
        "POST",
        "/api/v2/people",
        create,
        _TAG,
        "Add a person",
        OnePerson,
        body=PersonBody,
        action=Action.MANAGE_PEOPLE,
        errors=(403, 409),
    ),
    Endpoint(
        "PATCH",
        "/api/v2/people/{name}",
        update,
        _TAG,
        "Change a person's role, name or access",
        OnePerson,
        "The last active owner stays one.",
        body=ChangeBody,
        action=Action.MANAGE_PEOPLE,
        errors=(403, 404, 409),
    ),
    Endpoint(
        "PUT",
        "/api/v2/people/{name}/password",
        set_password,
        _TAG,
        "Set a person's password, or one's own",
        OnePerson,
        "The password before is good for nothing from then on; tokens stay as they are.",
        body=NewPasswordBody,
        errors=(403, 404, 429),
    ),
    Endpoint(
        "POST",
        "/api/v2/people/{name}/login-link",
        login_link,
        _TAG,
        "Make a one-time login link",
        LoginLink,
        action=Action.MANAGE_PEOPLE,
        errors=(403, 404),
    ),
    Endpoint(
        "POST",
        "/api/v2/people/{name}/link-code",
        link_code,
        _TAG,
        "Make a code that ties a person's account to who they are on another platform, for oneself or as an admin",
        LinkCode,
        "Typed in Slack or Discord, `/airchat link CODE` makes that user the person with the account.",
        errors=(403, 404),
    ),
)
