"""``users.*`` and ``bots.info``: the members of the workspace."""

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.history import list_page
from tests.fakes.slack.settings import Json

from .call import Call, Method


def info(call: Call) -> Json:
    """One member; the address needs ``users:read.email``."""
    user = call.workspace.users.get(call.arguments.required("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": call.workspace.render_user(user, with_email=_with_email(call))}


def list_users(call: Call) -> Json:
    """All members, deactivated ones and bots included."""
    users = list(call.workspace.users.values())
    page, cursor = list_page(users, call.arguments.number("limit") or 1000, call.arguments.text("cursor"))
    rendered = [call.workspace.render_user(user, with_email=_with_email(call)) for user in page]
    return {"members": rendered, "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(call: Call) -> Json:
    """The active member with this address; raises ``users_not_found``."""
    email = call.arguments.required("email").lower()
    for user in call.workspace.users.values():
        if user.email.lower() == email and not user.deleted:
            return {"user": call.workspace.render_user(user)}
    raise SlackError("users_not_found")


def bot_info(call: Call) -> Json:
    """A bot by its bot id."""
    bot_id = call.arguments.required("bot")
    for app in call.workspace.apps.values():
        if app.bot_id == bot_id:
            bot = {"id": bot_id, "app_id": app.id, "user_id": app.user.id, "name": app.name, "deleted": False}
            return {"bot": bot | {"icons": {"image_72": f"{call.workspace.site}/avatars/{app.user.id}.png"}}}
    raise SlackError("bot_not_found")


def usergroups(call: Call) -> Json:
    """The user groups, with their members when asked."""
    members = call.arguments.flag("include_users")
    groups = call.workspace.groups.items()
    return {
        "usergroups": [{"id": id, "handle": id.lower()} | ({"users": users} if members else {}) for id, users in groups]
    }


def _with_email(call: Call) -> bool:
    return "users:read.email" in call.app.scopes


METHODS = {
    "usergroups.list": Method(usergroups, "usergroups:read", tier=20),
    "bots.info": Method(bot_info, "users:read"),
    "users.info": Method(info, "users:read", tier=100),
    "users.list": Method(list_users, "users:read", tier=20),
    "users.lookupByEmail": Method(lookup_by_email, "users:read.email"),
}
