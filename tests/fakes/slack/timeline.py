"""What can happen to messages: post, edit, delete, react. Each change is made, then announced."""

from . import events
from .channels import Channel
from .errors import SlackError
from .files import Share
from .messages import Edited, Message
from .settings import Json
from .workspace import Workspace


class Timeline:
    """The messages of every channel of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def post(self, channel: Channel, message: Message) -> Message:
        """Store a new message under a fresh ts; raises ``is_archived``, ``thread_not_found``."""
        if channel.archived:
            raise SlackError("is_archived")
        root = self._root(channel, message.thread_ts)
        message.thread_ts = root.ts if root else ""
        message.broadcast = message.broadcast and root is not None
        if message.broadcast:
            message.subtype = "thread_broadcast"
        message.channel, message.ts = channel.id, channel.next_ts(self._workspace.settings.clock())
        channel.messages[message.ts] = message
        if root:
            root.replies.append(message)
        self._share(channel, message)
        self._announce(channel, message)
        return message

    def edit(self, message: Message, changes: Json, editor: str) -> None:
        """Set fields of a message; ``editor`` is empty when Slack itself adds something (an unfurl)."""
        channel = self._workspace.channels[message.channel]
        before = self._workspace.render(message)
        event_ts = self._workspace.event_ts()
        for name, value in changes.items():
            setattr(message, name, value)
        if editor:
            message.edited = Edited(editor, event_ts)
        self._workspace.emit(events.changed(channel, event_ts, self._workspace.render(message), before))

    def delete(self, message: Message) -> None:
        """Remove a message; a root with replies stays as a tombstone."""
        channel = self._workspace.channels[message.channel]
        before = self._workspace.render(message)
        event_ts = self._workspace.event_ts()
        if message.replies:
            events.entombed(message)
            self._workspace.emit(events.changed(channel, event_ts, self._workspace.render(message), before))
            return
        del channel.messages[message.ts]
        if message.is_reply and (root := channel.messages.get(message.thread_ts)):
            root.replies.remove(message)
        self._workspace.emit(events.deleted(channel, event_ts, before))

    def react(self, message: Message, user: str, name: str) -> None:
        """Add a reaction; raises ``already_reacted``."""
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        self._announce_reaction("reaction_added", message, user, name)

    def unreact(self, message: Message, user: str, name: str) -> None:
        """Take a reaction back; raises ``no_reaction``."""
        users = message.reactions.get(name, [])
        if user not in users:
            raise SlackError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._announce_reaction("reaction_removed", message, user, name)

    def _root(self, channel: Channel, thread_ts: str) -> Message | None:
        if not thread_ts:
            return None
        message = channel.messages.get(thread_ts)
        if message is None:
            raise SlackError("thread_not_found")
        return channel.messages[message.thread_ts] if message.is_reply else message

    def _share(self, channel: Channel, message: Message) -> None:
        for file in message.files:
            file.shares.append(Share(channel.id, message.ts, message.thread_ts, channel.kind == "channel"))

    def _announce(self, channel: Channel, message: Message) -> None:
        with_metadata = self._workspace.settings.metadata_in_events
        rendered = self._workspace.render(message, with_metadata=with_metadata)
        event = events.posted(channel, message, rendered)
        self._workspace.emit(event)
        for app in self._workspace.apps.values():
            if f"<@{app.user.id}>" in message.text:
                self._workspace.emit(events.app_mention(channel, app.id, event.body))
        for file in message.files:
            self._workspace.emit(events.file_shared(channel, file.id, message.user, self._workspace.event_ts()))

    def _announce_reaction(self, kind: str, message: Message, user: str, name: str) -> None:
        channel = self._workspace.channels[message.channel]
        event_ts = self._workspace.event_ts()
        self._workspace.emit(events.reaction(kind, channel, message, user=user, name=name, event_ts=event_ts))
