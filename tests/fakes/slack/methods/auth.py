"""``auth.*``, ``apps.*``, ``team.*``: who is calling, and where."""

from tests.fakes.slack.settings import Json

from .call import Call, Method


def auth_test(call: Call) -> Json:
    """The identity behind the token."""
    workspace, app = call.workspace, call.app
    return {
        "url": f"{workspace.site}/",
        "team": workspace.name,
        "team_id": workspace.team_id,
        "user": app.user.name,
        "user_id": app.user.id,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "is_enterprise_install": False,
    }


def connections_open(call: Call) -> Json:
    """A WebSocket URL whose ticket works once."""
    site = call.workspace.site.replace("http", "ws", 1)
    return {"url": f"{site}/link/?ticket={call.sockets.ticket()}&app_id={call.app.id}"}


def team_info(call: Call) -> Json:
    """The workspace."""
    workspace = call.workspace
    team = {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain, "email_domain": ""}
    return {"team": team | {"icon": {"image_132": f"{workspace.site}/avatars/team.png"}}}


def emoji_list(call: Call) -> Json:
    """Custom emoji: name -> address of the picture, or ``alias:<name>``."""
    return {"emoji": dict(call.workspace.emoji)}


METHODS = {
    "apps.connections.open": Method(connections_open, tier=20, token="app"),
    "auth.test": Method(auth_test, tier=300),
    "emoji.list": Method(emoji_list, "emoji:read", tier=20),
    "team.info": Method(team_info, "team:read"),
}
