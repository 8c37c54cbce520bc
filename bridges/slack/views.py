"""Views: a form of the hub as a modal, and what was filled in.

https://docs.slack.dev/surfaces/modals
"""

import json
from dataclasses import dataclass
from typing import Any

from hub.relay.contract.desk import Field, Form

CALLBACK_ID = "airchat"

_TITLE_LENGTH = 24
_LABEL_LENGTH = 75
_INITIAL_LENGTH = 3_000
_OPTIONS = 100
_ACTION_ID = "value"


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a form was opened: it comes back with it."""

    channel: str
    thread: str | None


def view_of(form: Form, origin: Origin) -> dict[str, Any]:
    """Return the modal that asks for what the form has."""
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": json.dumps({"form": form.id, "channel": origin.channel, "thread": origin.thread}),
        "title": _plain(form.title, _TITLE_LENGTH),
        "submit": _plain(form.submit, _TITLE_LENGTH),
        "close": _plain("Cancel", _TITLE_LENGTH),
        "blocks": [_input(field) for field in form.fields],
    }


def filled_in(view: dict[str, Any]) -> tuple[str, Origin, dict[str, str]]:
    """Return the form's id, where it was opened, and its values by the names of its fields.

    Raises:
        KeyError, TypeError, ValueError: it is no view of ours.
    """
    kept = json.loads(view["private_metadata"])
    values = {}
    for name, block in view["state"]["values"].items():
        element = block[_ACTION_ID]
        chosen = element.get("selected_option")
        values[name] = chosen["value"] if chosen else element.get("value") or ""
    return kept["form"], Origin(kept["channel"], kept["thread"]), values


def _input(field: Field) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": field.name,
        "optional": not field.required,
        "label": _plain(field.label, _LABEL_LENGTH),
        "element": _select(field) if field.choices else _text(field),
    }


def _text(field: Field) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": _ACTION_ID, "multiline": field.long}
    return element | ({"initial_value": field.value[:_INITIAL_LENGTH]} if field.value else {})


def _select(field: Field) -> dict[str, Any]:
    options = [{"text": _plain(label, _LABEL_LENGTH), "value": value} for value, label in field.choices[:_OPTIONS]]
    element: dict[str, Any] = {"type": "static_select", "action_id": _ACTION_ID, "options": options}
    chosen = next((option for option in options if option["value"] == field.value), None)
    return element | ({"initial_option": chosen} if chosen else {})


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text if len(text) <= limit else f"{text[: limit - 1]}…"}
