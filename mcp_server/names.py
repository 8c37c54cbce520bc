"""Names that tools go by elsewhere: AirChat's and aircd's, whose agents find here what they know.

They can be called and are not listed: each is one of the listed tools under another name, or with other arguments.
"""

from typing import Any

Arguments = dict[str, Any]

MARK_DONE = "done"
"""The result of a task that was completed by a name that knows no results."""


def translated(name: str, arguments: Arguments) -> tuple[str, Arguments]:
    """Return the tool and arguments that a call means; any other call as it is."""
    match name:
        case "send_message" if "target" in arguments and "channel" not in arguments:
            return _sent(dict(arguments))
        case "read_history":
            return "read_messages", {"limit": 50, **_renamed(arguments, {"after_seq": "after"})}
        case "claim_task":
            return "update_task", {**arguments, "action": "claim"}
        case "complete_task":
            return "update_task", {"result": MARK_DONE, **arguments, "action": "complete"}
        case _:
            return name, arguments


def _sent(arguments: Arguments) -> tuple[str, Arguments]:
    """Return the send to a channel (`#name`) or to somebody (any other name)."""
    target = arguments.pop("target")
    if isinstance(target, str) and not target.startswith("#"):
        return "send_direct_message", {"target_agent": target, **arguments}
    return "send_message", {"channel": target, **arguments}


def _renamed(arguments: Arguments, names: dict[str, str]) -> Arguments:
    return {names.get(name, name): value for name, value in arguments.items()}
