import pytest

from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Kind, Principal, Role
from hub.core.permissions import MATRIX, Action, allowed, require, require_over

ADMIN_ONLY = {
    Action.ARCHIVE_ANY_CHANNEL,
    Action.MODERATE_CHANNELS,
    Action.MODERATE_MESSAGES,
    Action.CANCEL_ANY_TASK,
    Action.MANAGE_TOKENS,
    Action.MANAGE_MACHINES,
    Action.MANAGE_AGENTS,
    Action.MANAGE_PEOPLE,
    Action.MANAGE_BRIDGES,
    Action.READ_AUDIT,
}
EXPECTED = {
    Role.GUEST: {Action.READ, Action.POST},
    Role.MEMBER: set(Action) - ADMIN_ONLY - {Action.MANAGE_ADMINS},
    Role.ADMIN: set(Action) - {Action.MANAGE_ADMINS},
    Role.OWNER: set(Action),
}


def somebody(role: Role) -> Principal:
    return Principal("id", Kind.PERSON, "somebody", role, 0)


def test_matrix_covers_every_action() -> None:
    assert set(MATRIX) == set(Action)


@pytest.mark.parametrize("role", Role)
def test_role_may_do_exactly_this(role: Role) -> None:
    assert {action for action in Action if allowed(somebody(role), action)} == EXPECTED[role]


def test_refusal_names_role_and_action() -> None:
    with pytest.raises(Forbidden, match=r"^The role guest may not upload files$"):
        require(somebody(Role.GUEST), Action.UPLOAD_FILES)


@pytest.mark.parametrize("target", [Role.ADMIN, Role.OWNER])
def test_admins_do_not_manage_admins(target: Role) -> None:
    require_over(somebody(Role.OWNER), Action.MANAGE_PEOPLE, target)
    require_over(somebody(Role.ADMIN), Action.MANAGE_PEOPLE, Role.MEMBER)
    with pytest.raises(Forbidden, match=r"^The role admin may not manage admins and owners$"):
        require_over(somebody(Role.ADMIN), Action.MANAGE_PEOPLE, target)
