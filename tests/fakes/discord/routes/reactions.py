"""``.../reactions``: the bot's own, and who reacted."""

from tests.fakes.discord.errors import ApiError, unknown

from .call import Answer, Call, Route


def add(call: Call) -> Answer:
    """React as the bot; a custom emoji must be the guild's."""
    channel = call.channel("READ_MESSAGE_HISTORY", "ADD_REACTIONS")
    call.timeline.react(call.message(channel), call.app.bot, _key(call))
    return None


def remove(call: Call) -> Answer:
    """Take the bot's reaction back."""
    channel = call.channel()
    call.timeline.unreact(call.message(channel), call.app.bot, call.args["emoji"])
    return None


def users(call: Call) -> Answer:
    """Who reacted with an emoji, by id."""
    channel = call.channel("READ_MESSAGE_HISTORY")
    limit, after = call.number("limit", 25, 1, 100), int(call.query.get("after", 0))
    ids = call.message(channel).reactions.get(call.args["emoji"], [])
    found = [call.guild.users[it] for it in sorted(ids, key=int) if int(it) > after]
    return [user.render() for user in found[:limit]]


def _key(call: Call) -> str:
    key = call.args["emoji"]
    name, _, emoji_id = key.partition(":")
    if emoji_id:
        if emoji_id not in call.guild.emojis:
            raise unknown("Emoji")
        return f"{call.guild.emojis[emoji_id]}:{emoji_id}"
    if name.isascii() and not name[:1].isdigit() and name[:1] not in "#*":
        raise ApiError(400, 10014, "Unknown Emoji")
    return key


_EMOJI = "/channels/{channel}/messages/{message}/reactions/{emoji}"
ROUTES = [
    Route("PUT", f"{_EMOJI}/@me", add, kind="reaction"),
    Route("DELETE", f"{_EMOJI}/@me", remove, kind="reaction"),
    Route("GET", _EMOJI, users),
]
