"""What can happen to messages and threads: each change is made, then announced."""

import re

from .channels import PUBLIC_THREAD, Channel
from .errors import ApiError, invalid, unknown
from .files import Attachment
from .guild import Guild
from .messages import DEFAULT, HAS_THREAD, THREAD_CREATED, THREAD_STARTER, Message, emoji
from .settings import Json
from .users import User

_MENTION = re.compile(r"<@!?(\d+)>")
REACTIONS_PER_MESSAGE = 20


class Timeline:
    """The messages of every channel of the guild."""

    def __init__(self, guild: Guild) -> None:
        self._guild = guild

    def post(self, channel: Channel, message: Message, allowed: Json | None = None) -> Message:
        """Store a new message. ``allowed`` are its allowed mentions; without any, its author's rights decide."""
        self._check(message)
        self._guild.need_open(channel)
        if not message.id:
            message.id = self._guild.snowflakes.next()
        message.channel_id, message.guild_id = channel.id, self._guild.id
        self._ping(channel, message, allowed)
        channel.messages[message.id] = message
        self._guild.emit("MESSAGE_CREATE", self._body(message), channel)
        return message

    def edit(self, message: Message, changes: Json, *, silent: bool = False) -> None:
        """Set fields of a message; ``silent`` when Discord itself adds something (an embed)."""
        for name, value in changes.items():
            setattr(message, name, value)
        self._check(message)
        if not silent:
            message.edited_at = max(self._guild.settings.clock(), message.edited_at + 0.001)
        self._guild.emit("MESSAGE_UPDATE", self._body(message), self._place(message))

    def delete(self, message: Message) -> None:
        """Remove a message."""
        place = self._place(message)
        del place.messages[message.id]
        body = {"id": message.id, "channel_id": place.id, "guild_id": self._guild.id}
        self._guild.emit("MESSAGE_DELETE", body, place)

    def delete_all(self, messages: list[Message]) -> None:
        """Remove messages of one channel at once."""
        place = self._place(messages[0])
        for message in messages:
            del place.messages[message.id]
        body = {"ids": [it.id for it in messages], "channel_id": place.id, "guild_id": self._guild.id}
        self._guild.emit("MESSAGE_DELETE_BULK", body, place)

    def react(self, message: Message, user: User, key: str) -> None:
        """Add a reaction, ``👍`` or ``name:id``; once more is no change."""
        users = message.reactions.get(key, [])
        if user.id in users:
            return
        if not users and len(message.reactions) >= REACTIONS_PER_MESSAGE:
            raise ApiError(400, 30010, "Maximum number of reactions reached (20)")
        message.reactions[key] = [*users, user.id]
        body = self._reaction(message, user, key) | {"member": user.render_member() | {"user": user.render()}}
        body["message_author_id"] = message.author.id
        self._guild.emit("MESSAGE_REACTION_ADD", body, self._place(message))

    def unreact(self, message: Message, user: User, key: str) -> None:
        """Take a reaction back; raises ``Unknown Emoji`` when there is none like it."""
        if key not in message.reactions:
            raise unknown("Emoji")
        if user.id not in message.reactions[key]:
            return
        message.reactions[key].remove(user.id)
        if not message.reactions[key]:
            del message.reactions[key]
        self._guild.emit("MESSAGE_REACTION_REMOVE", self._reaction(message, user, key), self._place(message))

    def clear_reactions(self, message: Message, key: str = "") -> None:
        """Remove all reactions, or all of one emoji."""
        body: Json = {"channel_id": message.channel_id, "message_id": message.id, "guild_id": self._guild.id}
        if key:
            message.reactions.pop(key, None)
            name, body = "MESSAGE_REACTION_REMOVE_EMOJI", body | {"emoji": emoji(key)}
        else:
            message.reactions.clear()
            name = "MESSAGE_REACTION_REMOVE_ALL"
        self._guild.emit(name, body, self._place(message))

    # -- threads -----------------------------------------------------------------------------------

    def thread_from(self, message: Message, name: str, owner: User) -> Channel:
        """Start a thread at a message; it gets the message's id. One at an older message is noticed in the channel."""
        channel = self._place(message)
        if message.id in self._guild.channels:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        thread = self._open(channel, name, owner, message.id)
        message.flags |= HAS_THREAD
        self._guild.emit("MESSAGE_UPDATE", self._body(message), channel)
        reference = {"channel_id": channel.id, "message_id": message.id, "guild_id": self._guild.id}
        self._notice(thread, owner, THREAD_STARTER, "", reference)
        if message.id != max(channel.messages, key=int):
            self._notice(channel, owner, THREAD_CREATED, name, {"channel_id": thread.id, "guild_id": self._guild.id})
        return thread

    def thread_alone(self, channel: Channel, name: str, owner: User, type: int = PUBLIC_THREAD) -> Channel:
        """Start a thread without a message; a public one is noticed in its channel."""
        thread = self._open(channel, name, owner, self._guild.snowflakes.next(), type)
        if type == PUBLIC_THREAD:
            reference = {"channel_id": thread.id, "guild_id": self._guild.id}
            self._notice(channel, owner, THREAD_CREATED, name, reference)
        return thread

    def forum_post(
        self, forum: Channel, name: str, owner: User, message: Message, allowed: Json | None = None
    ) -> Channel:
        """Start a post of a forum with its first message, which gets the thread's id."""
        if not 1 <= len(name) <= 100:
            raise invalid("name", "Must be between 1 and 100 in length.")
        self._check(message)
        message.id = self._guild.snowflakes.next()
        thread = self._open(forum, name, owner, message.id)
        self.post(thread, message, allowed)
        return thread

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Archive a thread, as time does."""
        thread.archived, thread.locked = True, locked
        thread.archived_at = self._guild.settings.clock()
        self._guild.emit("THREAD_UPDATE", thread.render(), thread)

    # -- inside --------------------------------------------------------------------------------------

    def _open(self, channel: Channel, name: str, owner: User, id: str, type: int = PUBLIC_THREAD) -> Channel:
        thread = Channel(id=id, guild_id=self._guild.id, name=name, type=type)
        thread.parent_id, thread.owner_id = channel.id, owner.id
        self._guild.channels[id] = thread
        self._guild.emit("THREAD_CREATE", thread.render() | {"newly_created": True}, thread)
        return thread

    def _notice(self, place: Channel, author: User, type: int, text: str, reference: Json) -> None:
        notice = Message(id="", channel_id="", guild_id="", author=author, type=type, content=text)
        notice.reference = reference
        self.post(place, notice)

    def _check(self, message: Message) -> None:
        limit = self._guild.settings.message_length
        if len(message.content) > limit:
            raise invalid("content", f"Must be {limit} or fewer in length.")
        said = (message.content.strip(), message.attachments, message.embeds, message.stickers, message.poll)
        if message.type == DEFAULT and not any((*said, message.components, message.snapshots)):
            raise ApiError(400, 50006, "Cannot send an empty message")
        message.content = message.content.strip()

    def _ping(self, channel: Channel, message: Message, allowed: Json | None) -> None:
        """Note whom the message notifies."""
        named = [self._guild.users[it] for it in _MENTION.findall(message.content) if it in self._guild.users]
        everyone = "@everyone" in message.content or "@here" in message.content
        if allowed is None:
            everyone = everyone and (message.webhook_id != "" or self._may_ping_all(message, channel))
        else:
            parse, users = allowed.get("parse", []), [str(it) for it in allowed.get("users", [])]
            everyone = everyone and "everyone" in parse
            named = [user for user in named if "users" in parse or user.id in users]
        if allowed is None or allowed.get("replied_user"):
            named += self._replied(message)
        message.mentions = list({user.id: user for user in named}.values())
        message.pings = {user.id for user in message.mentions} | ({"everyone"} if everyone else set())

    def _may_ping_all(self, message: Message, channel: Channel) -> bool:
        return message.author.id in self._guild.users and self._guild.can(message.author, channel, "MENTION_EVERYONE")

    def _replied(self, message: Message) -> list[User]:
        reference = message.reference or {}
        place = self._guild.channels.get(reference.get("channel_id", ""))
        target = place.messages.get(reference.get("message_id", "")) if place else None
        known = target is not None and target.author.id in self._guild.users and message.type == 19
        return [target.author] if target and known else []

    def _place(self, message: Message) -> Channel:
        return self._guild.channels[message.channel_id]

    def _body(self, message: Message) -> Json:
        body = message.render() | {"guild_id": self._guild.id}
        if message.author.id in self._guild.users and not message.webhook_id:
            body["member"] = message.author.render_member()
        return body

    def _reaction(self, message: Message, user: User, key: str) -> Json:
        return {
            "user_id": user.id,
            "channel_id": message.channel_id,
            "message_id": message.id,
            "guild_id": self._guild.id,
            "emoji": emoji(key),
            "burst": False,
            "type": 0,
        }

    def attach(self, channel: Channel, name: str, content: bytes, content_type: str, description: str) -> Attachment:
        """Make an attachment for a message of this channel; raises when it is too large."""
        if len(content) > self._guild.settings.upload_bytes:
            raise ApiError(413, 40005, "Request entity too large")
        file = Attachment(id=self._guild.snowflakes.next(), channel_id=channel.id, filename=name, content=content)
        file.content_type, file.description = content_type, description
        return file
