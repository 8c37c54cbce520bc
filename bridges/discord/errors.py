"""What Discord's answers mean to the relay.

https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hub.relay.contract.errors import (
    AuthFailed,
    BridgeError,
    CannotCarry,
    Gone,
    NotReady,
    OutcomeUnknown,
    Refused,
    SlowDown,
)

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_EMOJI = 10014
UNKNOWN_WEBHOOK = 10015
TOO_MANY_WEBHOOKS = 30007
TOO_MANY_REACTIONS = 30010
TOO_LARGE = 40005
MISSING_ACCESS = 50001
NOT_THE_AUTHOR = 50005
MISSING_PERMISSIONS = 50013
BAD_WEBHOOK_TOKEN = 50027
REACTION_BLOCKED = 90001
THREAD_EXISTS = 160004
NO_THREAD = frozenset({UNKNOWN_CHANNEL, 50024, 50083, 160002, 160005, 160006, 160007, MISSING_PERMISSIONS})
"""There is no thread, or it takes nothing, or none can be begun: for this message another way has to be found."""

_CLOSED = frozenset({MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_CHANNEL, TOO_MANY_WEBHOOKS})
_CANNOT = frozenset(
    {UNKNOWN_EMOJI, TOO_MANY_REACTIONS, REACTION_BLOCKED, NOT_THE_AUTHOR, MISSING_ACCESS, MISSING_PERMISSIONS, 50083}
)
_CLOSED_SECONDS = 60.0
_SERVER_ERROR, _UNAUTHORIZED, _TOO_MANY = 500, 401, 429


class Refusal(Refused):
    """Discord refused a call for good, with this code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"Discord refused it: {text}")
        self.code = code


def failure(status: int, headers: Mapping[str, str], body: Any, *, changing: bool) -> BridgeError:
    """Return what an answer that is none of success means; a server's error leaves a change's outcome unknown."""
    told = body if isinstance(body, dict) else {}
    if status == _TOO_MANY:
        return _slow_down(headers, told)
    if status >= _SERVER_ERROR:
        text = f"Discord answered {status}"
        return OutcomeUnknown(text) if changing else NotReady(text)
    code = int(told.get("code") or 0)
    if status == _UNAUTHORIZED and code != BAD_WEBHOOK_TOKEN:
        return AuthFailed("Discord refuses the bot's token: check discord.token")
    return Refusal(code, _words(told) or f"answer {status}")


@contextmanager
def posting() -> Iterator[None]:
    """Translate refusals while something is posted: a channel that is closed may open again.

    Raises:
        BridgeError: NotReady instead of a refusal that may pass.
    """
    try:
        yield
    except Refusal as error:
        if error.code in _CLOSED:
            raise NotReady(f"the bot cannot post there now: {error}", _CLOSED_SECONDS) from error
        raise


@contextmanager
def reading() -> Iterator[None]:
    """Translate refusals while history is read: it may be allowed later.

    Raises:
        BridgeError: NotReady instead of a refusal.
    """
    try:
        yield
    except Refusal as error:
        raise NotReady(f"the bot cannot read the channel now: {error}", _CLOSED_SECONDS) from error


@contextmanager
def changing() -> Iterator[None]:
    """Translate refusals while something is changed that was posted.

    Raises:
        BridgeError: Gone when it is not there, CannotCarry when it can only be told in words.
    """
    try:
        yield
    except Refusal as error:
        if error.code in {UNKNOWN_MESSAGE, UNKNOWN_CHANNEL}:
            raise Gone(str(error)) from error
        if error.code in _CANNOT:
            raise CannotCarry(str(error)) from error
        raise


def _slow_down(headers: Mapping[str, str], told: Mapping[str, Any]) -> SlowDown:
    """Without Discord's JSON it is the proxy in front that refuses, everything and for long."""
    seconds = told.get("retry_after", headers.get("Retry-After", 60))
    everywhere = not told or bool(told.get("global"))
    return SlowDown("Discord asks to slow down", float(seconds), everywhere=everywhere)


def _words(told: Mapping[str, Any]) -> str:
    """Return Discord's text, and which fields it did not like."""
    fields = ", ".join(told["errors"]) if isinstance(told.get("errors"), dict) else ""
    return " ".join(filter(None, (str(told.get("message", "")), f"({fields})" if fields else "")))
