"""Discord's ids, which tell when they were made, and the relay's ids of messages.

A message of a linked channel is called by its own id; one in a thread `message@thread`. The message that a thread began
with has the thread's id, so answers find it: in a forum it lies in the thread, elsewhere in the channel.

https://docs.discord.com/developers/reference#snowflakes
"""

from datetime import datetime

from airchat.protocol.timestamps import SECOND

_EPOCH_MS = 1_420_070_400_000
_DIGITS = 20


def made_at(snowflake: str) -> int:
    """Return when an id was made, in microseconds."""
    return ((int(snowflake) >> 22) + _EPOCH_MS) * 1000


def newest_before(micros: int) -> int:
    """Return the greatest id from before a moment (microseconds): what is made from then on is greater."""
    return max(0, (max(0, micros // 1000 - _EPOCH_MS) << 22) - 1)


def moment(timestamp: str) -> int:
    """Return a moment as Discord writes it in microseconds."""
    return round(datetime.fromisoformat(timestamp).timestamp() * SECOND)


def order_key(snowflake: int, number: int = 0) -> str:
    """Return the key that sorts an event; `number` is for what happens behind the newest id known."""
    return f"{snowflake:0{_DIGITS}d}" + (f".{number:012d}" if number else "")


def snowflake_of(key: str) -> int:
    """Return the id that an order key begins with."""
    return int(key[:_DIGITS])


def remote_id(message_id: str, channel_id: str, home: str) -> str:
    """Return how the relay calls a message that lies in `channel_id`: `home` itself or one of its threads."""
    return message_id if channel_id in {home, message_id} else f"{message_id}@{channel_id}"


def thread_of(message_id: str, channel_id: str, home: str) -> str | None:
    """Return the id of what began the thread that the message is an answer in."""
    return None if channel_id in {home, message_id} else channel_id


def place_of(called: str, home: str, *, forum: bool) -> tuple[str, str]:
    """Return the channel or thread that a message lies in, and its id there."""
    message_id, _, thread = called.partition("@")
    return thread or (message_id if forum else home), message_id
