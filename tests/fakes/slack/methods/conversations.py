"""``conversations.*``: channels, their members and their history."""

from tests.fakes.slack.channels import SCOPE_PREFIX, TYPE, Channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.history import Page, Window, channel_page, list_page, thread_page
from tests.fakes.slack.settings import Json

from .call import Call, Method

TOPIC_LIMIT = 250
KIND = {word: kind for kind, word in TYPE.items()}


def list_channels(call: Call) -> Json:
    """Channels of the wanted types; private ones and direct messages only where the bot is a member."""
    kinds = []
    for word in call.arguments.text("types", "public_channel").split(","):
        if word.strip() not in KIND:
            raise SlackError("invalid_types")
        kinds.append(KIND[word.strip()])
        call.need(f"{SCOPE_PREFIX[kinds[-1]]}:read")
    me = call.app.user.id
    found = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or me in channel.members)
        and not (channel.archived and call.arguments.flag("exclude_archived"))
    ]
    page, cursor = list_page(found, call.arguments.number("limit") or 100, call.arguments.text("cursor"))
    return {"channels": [_render(call, channel) for channel in page], "response_metadata": {"next_cursor": cursor}}


def info(call: Call) -> Json:
    """One channel."""
    channel = call.channel()
    call.need_for(channel, "read")
    return {"channel": _render(call, channel)}


def members(call: Call) -> Json:
    """Member ids."""
    channel = call.channel()
    call.need_for(channel, "read")
    page, cursor = list_page(
        list(channel.members), call.arguments.number("limit") or 100, call.arguments.text("cursor")
    )
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def join(call: Call) -> Json:
    """Make the bot a member of a public channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    fresh = call.membership.join(channel, call.app.user)
    answer: Json = {"channel": _render(call, channel)}
    return answer if fresh else answer | {"warning": "already_in_channel"}


def set_topic(call: Call) -> Json:
    """Change the topic line."""
    channel = call.channel()
    public = channel.kind == "channel"
    call.need(*(("channels:manage", "channels:write.topic") if public else ("groups:write", "groups:write.topic")))
    topic = call.arguments.text("topic")
    if len(topic) > TOPIC_LIMIT:
        raise SlackError("too_long")
    if channel.archived:
        raise SlackError("is_archived")
    call.membership.set_topic(channel, call.app.user, topic)
    return {"channel": _render(call, channel)}


def archive(call: Call) -> Json:
    """Close the channel."""
    channel = call.channel()
    call.need("channels:manage", "groups:write")
    if channel.archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    call.membership.archive(channel, call.app.user)
    return {}


def unarchive(call: Call) -> Json:
    """Open it again."""
    channel = call.channel()
    call.need("channels:manage", "groups:write")
    if not channel.archived:
        raise SlackError("not_archived")
    call.membership.archive(channel, call.app.user, archived=False)
    return {}


def open_direct(call: Call) -> Json:
    """Open the direct conversation with one member, or a group conversation with several."""
    users = call.arguments.required("users").split(",")
    if any(user not in call.workspace.users for user in users):
        raise SlackError("user_not_found")
    channel = call.workspace.direct(*users, call.app.user.id)
    return {"channel": {"id": channel.id}}


def history(call: Call) -> Json:
    """A page of the channel, newest first; thread replies are left out unless broadcast."""
    channel = call.channel()
    call.need_for(channel, "history")
    if call.app.user.id not in channel.members:
        raise SlackError("not_in_channel")
    limit = call.limits.page_size(call.arguments.number("limit"), 100, 999)
    page = channel_page(channel, _window(call), limit, call.arguments.text("cursor"))
    return _page(call, page) | {"pin_count": 0}


def replies(call: Call) -> Json:
    """A page of a thread, root first, then oldest to newest."""
    channel = call.channel()
    call.need_for(channel, "history")
    if call.app.user.id not in channel.members:
        raise SlackError("not_in_channel")
    limit = call.limits.page_size(call.arguments.number("limit"), 1000, 1000)
    ts, cursor = call.arguments.required("ts"), call.arguments.text("cursor")
    return _page(call, thread_page(channel, ts, _window(call), limit, cursor))


def _window(call: Call) -> Window:
    arguments = call.arguments
    return Window(arguments.text("oldest"), arguments.text("latest"), arguments.flag("inclusive"))


def _page(call: Call, page: Page) -> Json:
    with_metadata = call.arguments.flag("include_all_metadata")
    messages = [call.workspace.render(message, with_metadata=with_metadata) for message in page.messages]
    answer: Json = {"messages": messages, "has_more": bool(page.next_cursor)}
    return answer | ({"response_metadata": {"next_cursor": page.next_cursor}} if page.next_cursor else {})


def _render(call: Call, channel: Channel) -> Json:
    body = channel.render(call.app.user.id)
    return body | {"num_members": len(channel.members)}


METHODS = {
    "conversations.archive": Method(archive, tier=20),
    "conversations.history": Method(history),
    "conversations.info": Method(info),
    "conversations.join": Method(join, "channels:join"),
    "conversations.list": Method(list_channels, tier=20),
    "conversations.members": Method(members, tier=100),
    "conversations.open": Method(open_direct, "im:write"),
    "conversations.replies": Method(replies),
    "conversations.setTopic": Method(set_topic, tier=20),
    "conversations.unarchive": Method(unarchive, tier=20),
}
