"""Blocks: texts with buttons below them, as Slack's Block Kit has them.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterable, Sequence
from typing import Any

from hub.relay.contract.desk import Button

SECTION_LENGTH = 2_500
"""How long the text of one section is before names become ids; Slack takes 3,000 characters."""

_LABEL_LENGTH = 75
_STYLES = {"good": "primary", "bad": "danger"}
_SEPARATOR = "|"


def sections(parts: Iterable[str], block_id: str | None = None) -> list[dict[str, Any]]:
    """Return mrkdwn in parts, none longer than a section may be, as sections; the first has the id."""
    found: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in parts]
    if found and block_id:
        found[0]["block_id"] = block_id
    return found


def actions(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Return a row of buttons; none without buttons."""
    if not buttons:
        return []
    return [{"type": "actions", "elements": [_button(number, button) for number, button in enumerate(buttons)]}]


def action_of(action_id: str) -> str:
    """Return a button's action by the id of its element."""
    return action_id.rpartition(_SEPARATOR)[0]


def without_actions(blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return blocks without their buttons."""
    return [block for block in blocks if block.get("type") != "actions"]


def _button(number: int, button: Button) -> dict[str, Any]:
    style = _STYLES.get(button.style)
    return (
        {
            "type": "button",
            "action_id": f"{button.action}{_SEPARATOR}{number}",  # unique within a row
            "text": {"type": "plain_text", "text": button.label[:_LABEL_LENGTH]},
            "value": button.value,
        }
        | ({"style": style} if style else {})
    )
