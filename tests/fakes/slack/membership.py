"""What can happen to channels and profiles: join, leave, topic, rename, archive, made private, a new display name."""

from . import events
from .channels import Channel
from .messages import Message
from .timeline import Timeline
from .users import User
from .workspace import Workspace


class Membership:
    """Changes of channels and members, each with the system message Slack writes for it."""

    def __init__(self, workspace: Workspace, timeline: Timeline) -> None:
        self._workspace = workspace
        self._timeline = timeline

    def join(self, channel: Channel, user: User) -> bool:
        """Make the user a member; False if they were one already."""
        if user.id in channel.members:
            return False
        channel.members[user.id] = None
        self._workspace.emit(events.member("member_joined_channel", channel, user.id, self._workspace.event_ts()))
        self._note(channel, user, "channel_join", f"<@{user.id}> has joined the channel")
        return True

    def leave(self, channel: Channel, user: User) -> None:
        """Take the user out; the apps still inside hear of it."""
        channel.members.pop(user.id, None)
        self._workspace.emit(events.member("member_left_channel", channel, user.id, self._workspace.event_ts()))
        self._note(channel, user, "channel_leave", f"<@{user.id}> has left the channel")

    def set_topic(self, channel: Channel, user: User, topic: str) -> None:
        """Change the topic line."""
        channel.topic, channel.topic_by, channel.topic_at = topic, user.id, int(self._workspace.settings.clock())
        self._note(channel, user, "channel_topic", f"<@{user.id}> set the channel topic: {topic}", topic=topic)

    def rename(self, channel: Channel, user: User, name: str) -> None:
        """Give the channel another name; its id stays."""
        old, channel.name = channel.name, name.removeprefix("#")
        self._workspace.emit(events.renamed(channel, self._workspace.event_ts()))
        text = f'<@{user.id}> has renamed the channel from "{old}" to "{channel.name}"'
        self._note(channel, user, "channel_name", text, old_name=old, name=channel.name)

    def archive(self, channel: Channel, user: User, *, archived: bool = True) -> None:
        """Archive the channel, or bring it back."""
        channel.archived = archived
        self._workspace.emit(events.archived(channel, user.id, self._workspace.event_ts()))

    def make_private(self, channel: Channel, user: User) -> None:
        """Let nobody come in any more who is not invited."""
        channel.kind = "group"
        self._note(channel, user, "channel_convert_to_private", "made this channel *private*.")

    def set_display_name(self, user: User, name: str) -> None:
        """Change the name others see beside the user's messages, old ones included."""
        user.display_name = name
        self._workspace.emit(events.user_changed(user, self._workspace.render_user(user), self._workspace.event_ts()))

    def _note(self, channel: Channel, user: User, subtype: str, text: str, **extra: str) -> None:
        self._timeline.post(channel, Message(text=text, user=user.id, subtype=subtype, extra=dict(extra)))
