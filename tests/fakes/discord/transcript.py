"""A channel as a person reads it."""

from typing import NamedTuple

from .channels import Channel
from .guild import Guild
from .messages import SHOWN, Message


class Line(NamedTuple):
    """One message: the name shown beside it, its text, what began its thread, and the text it replies to."""

    author: str
    text: str
    thread: str | None = None
    reply: str | None = None


def read(guild: Guild, channel: Channel, *, system: bool = False) -> list[Line]:
    """All messages of a channel and its threads in order of time; Discord's own notices only with ``system``."""
    messages = [it for it in guild.all_messages(channel) if system or it.type in SHOWN]
    return [Line(it.author.shown, it.content, _thread(guild, it), _reply(guild, it)) for it in messages]


def _thread(guild: Guild, message: Message) -> str | None:
    """The text of the message that began the thread, else the thread's name; None outside, and for itself."""
    place = guild.channels[message.channel_id]
    if not place.is_thread or message.id == place.id:
        return None
    starter = guild.starter(place)
    return starter.content if starter else place.name


def _reply(guild: Guild, message: Message) -> str | None:
    reference = message.reference or {}
    place = guild.channels.get(reference.get("channel_id", ""))
    target = place.messages.get(reference.get("message_id", "")) if place else None
    return target.content if target else None
