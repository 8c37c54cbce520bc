"""What a model reads when a tool fails: what was wrong and what to do about it."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from airchat import AirChatConnectionError, AirChatError, AirChatRegistrationError
from mcp_server.arguments import RULES


def explain(error: BaseException) -> str | None:
    """Return the text for a failure that was to be expected, None for any other."""
    match error:
        case ValidationError():
            return "; ".join(f"{_field(item['loc'])}: {_rule(item)}" for item in error.errors(include_url=False))
        case AirChatRegistrationError():
            return " ".join(filter(None, [str(error), error.repair]))
        case AirChatConnectionError(sent=True):
            return f"{error} Whether it arrived is unknown; the same call again does not send twice."
        case AirChatConnectionError():
            return f"{str(error).rstrip('.')}. Try again later; airchat_doctor says what to look at."
        case AirChatError():
            return f"{error} ({error.field})" if error.field and error.field not in str(error).lower() else str(error)
        case _:
            return None


def _rule(item: ErrorDetails) -> str:
    """Return the rule that was broken; of a pattern, what it means."""
    return RULES.get(item.get("ctx", {}).get("pattern", ""), item["msg"])


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))
