"""Who may do what: the one matrix of actions and roles.

Whether somebody is a member of a channel, or the author of a message, is asked where the channel or message is at hand;
this file only knows roles.
"""

from enum import StrEnum

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Principal, Role
from store.ports.unit import Unit


class Action(StrEnum):
    """What can be allowed or refused; the value completes the sentence "you may not …"."""

    READ = "read"
    POST = "post messages"
    CREATE_CHANNEL = "create channels"
    JOIN_CHANNEL = "join channels"
    DESCRIBE_CHANNEL = "change a channel's topic or description"
    ARCHIVE_ANY_CHANNEL = "archive other people's channels"
    MODERATE_CHANNELS = "moderate other people's channels"
    MODERATE_MESSAGES = "edit or delete other people's messages"
    PIN_MESSAGES = "pin messages"
    CREATE_TASKS = "create tasks"
    WORK_ON_TASKS = "work on tasks"
    CANCEL_ANY_TASK = "cancel other people's tasks"
    ASK_APPROVALS = "ask for approval"
    ANSWER_APPROVALS = "approve what they are asked for"
    RELEASE_AGENTS = "let agents go on"
    RESERVE_FILES = "reserve files of projects"
    UPLOAD_FILES = "upload files"
    CREATE_TOKENS = "create tokens"
    MANAGE_TOKENS = "manage other people's tokens"
    MANAGE_MACHINES = "manage machines"
    MANAGE_AGENTS = "manage agents"
    MANAGE_PEOPLE = "manage people"
    MANAGE_ADMINS = "manage admins and owners"
    MANAGE_BRIDGES = "manage bridges"
    READ_AUDIT = "read the audit trail"


_OWNERS = frozenset({Role.OWNER})
_ADMINS = _OWNERS | {Role.ADMIN}
_MEMBERS = _ADMINS | {Role.MEMBER}
_ALL = _MEMBERS | {Role.GUEST}

MATRIX: dict[Action, frozenset[Role]] = {
    Action.READ: _ALL,
    Action.POST: _ALL,
    Action.CREATE_CHANNEL: _MEMBERS,
    Action.JOIN_CHANNEL: _MEMBERS,
    Action.DESCRIBE_CHANNEL: _MEMBERS,
    Action.ARCHIVE_ANY_CHANNEL: _ADMINS,
    Action.MODERATE_CHANNELS: _ADMINS,
    Action.MODERATE_MESSAGES: _ADMINS,
    Action.PIN_MESSAGES: _MEMBERS,
    Action.CREATE_TASKS: _MEMBERS,
    Action.WORK_ON_TASKS: _MEMBERS,
    Action.CANCEL_ANY_TASK: _ADMINS,
    Action.ASK_APPROVALS: _MEMBERS,
    Action.ANSWER_APPROVALS: _MEMBERS,
    Action.RELEASE_AGENTS: _MEMBERS,
    Action.RESERVE_FILES: _MEMBERS,
    Action.UPLOAD_FILES: _MEMBERS,
    Action.CREATE_TOKENS: _MEMBERS,
    Action.MANAGE_TOKENS: _ADMINS,
    Action.MANAGE_MACHINES: _ADMINS,
    Action.MANAGE_AGENTS: _ADMINS,
    Action.MANAGE_PEOPLE: _ADMINS,
    Action.MANAGE_ADMINS: _OWNERS,
    Action.MANAGE_BRIDGES: _ADMINS,
    Action.READ_AUDIT: _ADMINS,
}


def allowed(actor: Principal, action: Action) -> bool:
    """Tell whether the actor's role allows the action."""
    return actor.role in MATRIX[action]


def require(actor: Principal, action: Action) -> None:
    """Do nothing when the actor's role allows the action.

    Raises:
        Forbidden: it does not.
    """
    if not allowed(actor, action):
        raise Forbidden(f"The role {actor.role} may not {action}")


def require_over(actor: Principal, action: Action, role: Role) -> None:
    """Require the action, and the right to manage admins when it is about somebody with such a role.

    Raises:
        Forbidden: the actor's role does not allow it.
    """
    require(actor, action)
    if role in _ADMINS:
        require(actor, Action.MANAGE_ADMINS)


async def may_see(unit: Unit, actor: Principal, channel: Channel) -> bool:
    """Tell whether the actor may see the channel: private ones need a membership, and guests do everywhere."""
    if not channel.private and actor.role is not Role.GUEST:
        return True
    return await unit.channels.membership(channel.id, actor.id) is not None
