"""Turns what slack_sdk and aiohttp raise into the relay's words."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from hub.relay.contract.errors import (
    AuthFailed,
    BridgeError,
    CannotCarry,
    ConfigError,
    Gone,
    NotReady,
    OutcomeUnknown,
    Refused,
    SlowDown,
)

_AUTH = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"}
)
_LATER = frozenset({"ratelimited", "rate_limited", "team_added_to_org"})
_CLOSED = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "team_access_not_granted"}
)
"""The channel takes nothing now, but would once the app is invited again, or the channel brought back."""
_UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
_GONE = frozenset({"message_not_found", "no_item_specified", "bad_timestamp"})
_NO_THREAD = frozenset(
    {"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message", "restricted_action_thread_locked"}
)
_CANNOT = frozenset(
    {
        "cant_update_message", "cant_delete_message", "edit_window_closed", "invalid_name", "too_many_emoji",
        "too_many_reactions", "not_reactable", "thread_locked",
    }
)  # fmt: skip
_NOT_YET = dict.fromkeys(_CLOSED, ("Slack does not let the app into the channel", 60.0)) | {
    "streaming_state_conflict": ("it is a stream, which Slack ends by itself within minutes", 30.0)
}
"""What is worth trying again: why it is not now, and after how many seconds."""
_SERVER_ERROR = 500
_TOO_MANY = 429


@contextmanager
def translated(
    *, sending: bool = False, changing: bool = False, fine: frozenset[str] | set[str] = frozenset()
) -> Iterator[None]:
    """Translate errors of the calls inside; when `sending`, a broken connection leaves the outcome unknown.

    When `changing` a message, it may be gone, or not be open to the change. What is `fine` is no error at all.

    Raises:
        BridgeError: instead of slack_sdk's and aiohttp's errors.
    """
    try:
        yield
    except SlackApiError as error:
        word = _word(error)
        if word in fine:
            return
        if changing and word in _GONE:
            raise Gone(f"the message is not there any more: {word}") from error
        if changing and word in _CANNOT | {"missing_scope"}:
            raise CannotCarry(f"Slack does not allow it: {word}") from error
        if sending and word in _NO_THREAD:
            raise Gone(f"there is no such thread any more: {word}") from error
        raise _answered(error, word, sending=sending) from error
    except aiohttp.ClientConnectorError as error:
        raise NotReady(f"Slack cannot be reached: {error}") from error
    except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError, ValueError) as error:
        reason = f"the connection to Slack broke: {str(error) or type(error).__name__}"
        raise (OutcomeUnknown(reason) if sending else NotReady(reason)) from error


def _word(error: SlackApiError) -> str:
    data = getattr(error.response, "data", error.response)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _answered(error: SlackApiError, word: str, *, sending: bool) -> BridgeError:
    response = error.response
    status = getattr(response, "status_code", 200)
    data = getattr(response, "data", response)
    if status == _TOO_MANY or word in _LATER:
        return SlowDown("Slack asks to slow down", _retry_after(response))
    if status >= _SERVER_ERROR or word in _UNCLEAR or not word:
        text = f"Slack answered {word or status}"
        return OutcomeUnknown(text) if sending else NotReady(text)
    if word in _NOT_YET:
        reason, seconds = _NOT_YET[word]
        return NotReady(f"{reason}: {word}", seconds)
    if word in _AUTH:
        return AuthFailed(f"Slack refuses the token ({word}): check slack.bot_token and slack.app_token")
    if word == "missing_scope":
        return ConfigError(f"the Slack app lacks the scope {data.get('needed')}: add it and install the app again")
    return Refused(f"Slack refused it: {word}")


def _retry_after(response: object) -> float | None:
    headers = getattr(response, "headers", {})
    try:
        return float(headers.get("Retry-After") or headers.get("retry-after") or "")
    except ValueError:
        return None
