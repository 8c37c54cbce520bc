"""The rules of what a task may say: numbers within their ranges, what it needs, and what it waits for."""

from collections.abc import Sequence

from airchat.protocol import limits
from airchat.protocol.errors import InvalidInput
from airchat.protocol.ids import is_id
from airchat.protocol.names import is_tag


def check_range(field: str, value: int, allowed_values: range) -> None:
    """Do nothing when the value is among the allowed ones.

    Raises:
        InvalidInput: it is not.
    """
    if value not in allowed_values:
        raise InvalidInput(f"{field} must be between {allowed_values[0]} and {allowed_values[-1]}", field)


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags in lower case, each once.

    Raises:
        InvalidInput: one is no tag, or they are too many.
    """
    checked = tuple(dict.fromkeys(tag.lower() for tag in tags))
    if len(tags) > limits.TASK_TAGS or not all(is_tag(tag) for tag in checked):
        rule = f"at most {limits.TASK_TAGS} kebab-case tags of at most 50 characters"
        raise InvalidInput(f"capability_tags must be {rule}", "capability_tags")
    return checked


def checked_dependencies(task_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids, each once; whether there are such tasks is not known here.

    Raises:
        InvalidInput: one is no id, or they are too many.
    """
    checked = tuple(dict.fromkeys(task_ids))
    if len(checked) > limits.TASK_DEPENDENCIES or not all(is_id(task_id) for task_id in checked):
        raise InvalidInput(f"depends_on must be at most {limits.TASK_DEPENDENCIES} ids of tasks", "depends_on")
    return checked
