"""What the gateway tells that the relay wants to know: each dispatch becomes raw events, or none.

The payload of one is `{"t": name, "d": body, "home": channel}`; messages read from history get the same as live ones.

https://docs.discord.com/developers/events/gateway-events
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridges.discord import ids
from bridges.discord.guild import Guild
from bridges.discord.readable import SAID, THREAD_BEGAN
from hub.relay.contract.bridge import RawEvent

MESSAGE, EDIT, DELETE, DELETE_BULK = "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"
REACT, UNREACT = "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"
CLEAR, CLEAR_EMOJI = "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI"
CHANNEL = "CHANNEL_UPDATE"
"""Of a channel that changed: its `home`, and what is new of `topic`, `name` and `archived`.

With `found`, the topic is what it is when the bridge begins to listen: it may have changed before.
"""
ABOUT_MESSAGES = frozenset({MESSAGE, EDIT, DELETE, DELETE_BULK, REACT, UNREACT, CLEAR, CLEAR_EMOJI})
ABOUT_REACTIONS = frozenset({REACT, UNREACT, CLEAR, CLEAR_EMOJI})
_LEFT_OUT = frozenset({"components", "nonce", "resolved", "interaction", "interaction_metadata", "reactions", "call"})
"""Of a message: large, and not read."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A dispatch as it came: its name, its body, and what names it apart from others of its session."""

    name: str
    body: dict[str, Any]
    number: str


@dataclass(slots=True)
class Events:
    """Turns dispatches into raw events. What carries no moment happened after the newest message that was told."""

    guild: Guild
    newest: int = 0
    _count: int = 0

    async def of(self, dispatch: Dispatch) -> list[RawEvent]:
        """Return the raw events of a dispatch.

        Raises:
            BridgeError: Discord cannot be asked where it happened.
        """
        home = dispatch.body.get("home") or await self.guild.find_home(str(dispatch.body.get("channel_id")))
        return list(self._of(dispatch, home)) if home is not None else []

    def _of(self, dispatch: Dispatch, home: str) -> Iterator[RawEvent]:
        name, body = dispatch.name, dispatch.body
        if name == MESSAGE:
            self.newest = max(self.newest, int(body["id"]))
            yield from message_events(body, home)
        elif name == EDIT and body.get("edited_timestamp"):
            edited = max(int(body["id"]), ids.newest_before(ids.moment(body["edited_timestamp"])))
            self.newest = max(self.newest, edited)
            key = f"edit:{body['id']}:{body['edited_timestamp']}"
            yield _event(key, home, ids.order_key(edited, 1), EDIT, body)
        elif name in {DELETE, DELETE_BULK}:
            for message_id in body.get("ids") or [body["id"]]:
                told = {"id": message_id, "channel_id": body["channel_id"]}
                yield _event(f"delete:{message_id}", home, self._now(message_id), DELETE, told)
        elif name in ABOUT_REACTIONS:
            yield _event(f"reaction:{dispatch.number}", home, self._now(body["message_id"]), name, body)
        elif name == CHANNEL:
            yield _event(f"channel:{dispatch.number}", home, self._now("0"), name, body)

    def _now(self, message_id: str) -> str:
        """Return an order key behind everything that was told before."""
        self._count += 1
        return ids.order_key(max(self.newest, int(message_id)), self._count)


def message_events(body: dict[str, Any], home: str) -> Iterator[RawEvent]:
    """Yield the raw event of a message, the same live and from history; none of what nobody said."""
    if body["type"] in SAID or body["type"] == THREAD_BEGAN:
        yield _event(f"message:{body['id']}", home, ids.order_key(int(body["id"])), MESSAGE, body)


def version_of(body: dict[str, Any]) -> str:
    """Return what grows with every edit of a message: the moment of the last one."""
    edited = body.get("edited_timestamp")
    return f"{ids.moment(edited):020d}" if edited else ""


def _event(key: str, home: str, order_key: str, name: str, body: dict[str, Any]) -> RawEvent:
    kept = {field: value for field, value in body.items() if field not in _LEFT_OUT}
    return RawEvent(key, home, order_key, {"t": name, "d": kept, "home": home})
