"""The application and its bot, the gateway's address, the guild, and what users there are."""

from tests.fakes.discord.errors import invalid, unknown
from tests.fakes.discord.settings import Json

from .call import Answer, Call, Route


def me(call: Call) -> Answer:
    """The bot's user."""
    return call.app.bot.render() | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0, "locale": "en-US"}


def application(call: Call) -> Answer:
    """The application."""
    return call.app.render(call.guild.settings.privileged)


def gateway(call: Call) -> Answer:
    """Where to connect, and how many sessions may still be begun today."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": f"{call.guild.site.replace('http', 'ws', 1)}/gateway", "shards": 1, "session_start_limit": limit}


def guilds(call: Call) -> Answer:
    """The guilds the bot is in."""
    allowed = str(call.guild.allowed(call.app.bot))
    return [{"id": call.guild.id, "name": call.guild.name, "permissions": allowed, "owner": False, "features": []}]


def guild(call: Call) -> Answer:
    """The guild."""
    _guild(call)
    return call.guild.summary()


def guild_channels(call: Call) -> Answer:
    """Its channels, without threads."""
    _guild(call)
    channels = [it for it in call.guild.channels.values() if not it.is_thread]
    return [it.render() for it in channels if call.guild.can(call.app.bot, it, "VIEW_CHANNEL")]


def member(call: Call) -> Answer:
    """A member."""
    _guild(call)
    user = call.guild.users.get(call.args["user"])
    if user is None:
        raise unknown("User")
    return user.render_member() | {"user": user.render()}


def user(call: Call) -> Answer:
    """A user."""
    found = call.guild.users.get(call.args["user"])
    if found is None:
        raise unknown("User")
    return found.render()


def set_commands(call: Call) -> Answer:
    """Replace all commands."""
    names = [(it.get("type", 1), it["name"]) for it in call.body]
    if len(set(names)) != len(names) or len(names) > 110:
        raise invalid("name", "Application command names must be unique", "APPLICATION_COMMANDS_DUPLICATE_NAME")
    call.app.commands = [_command(call, it) for it in call.body]
    return call.app.commands


def get_commands(call: Call) -> Answer:
    """All commands."""
    return call.app.commands


def _command(call: Call, body: Json) -> Json:
    known = next((it["id"] for it in call.app.commands if it["name"] == body["name"]), None)
    defaults: Json = {"type": 1, "description": "", "options": [], "default_member_permissions": None, "nsfw": False}
    ids = {"id": known or call.guild.snowflakes.next(), "application_id": call.app.id, "version": "1"}
    return defaults | body | ids | ({"guild_id": call.guild.id} if "guild" in call.args else {})


def _guild(call: Call) -> None:
    if call.args["guild"] != call.guild.id or call.caller is None:
        raise unknown("Guild")


_COMMANDS = "/applications/{app}/commands"
_GUILD_COMMANDS = "/applications/{app}/guilds/{guild}/commands"
ROUTES = [
    Route("GET", "/users/@me", me),
    Route("GET", "/users/@me/guilds", guilds),
    Route("GET", "/users/{user}", user),
    Route("GET", "/oauth2/applications/@me", application),
    Route("GET", "/applications/@me", application),
    Route("GET", "/gateway", gateway, open=True),
    Route("GET", "/gateway/bot", gateway),
    Route("GET", "/guilds/{guild}", guild),
    Route("GET", "/guilds/{guild}/channels", guild_channels),
    Route("GET", "/guilds/{guild}/members/{user}", member),
    Route("PUT", _COMMANDS, set_commands),
    Route("PUT", _GUILD_COMMANDS, set_commands),
    Route("GET", _COMMANDS, get_commands),
    Route("GET", _GUILD_COMMANDS, get_commands),
]
