"""Buttons and forms as Discord's components, and what comes back of them.

https://docs.discord.com/developers/components/reference
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from hub.relay.contract.desk import Button, Field, Form

Body = dict[str, Any]

_ROW, _BUTTON, _SELECT, _INPUT, _LABEL = 1, 2, 3, 4, 18
_STYLES = {"plain": 2, "good": 3, "bad": 4}
_PRESS, _FORM = "press", "form"
_ID_LENGTH = 100
_LABEL_LENGTH = 80
_FIELD_LABEL_LENGTH = 45
_PER_ROW, _ROWS = 5, 5
_FIELDS = 5
_CHOICES = 25
_SHORT, _LONG = 1, 2

_log = logging.getLogger(__name__)


def rows(buttons: Sequence[Button]) -> list[Body]:
    """Return buttons, five in a row."""
    shown = [body for button in buttons if (body := _button(button))][: _PER_ROW * _ROWS]
    return [{"type": _ROW, "components": shown[at : at + _PER_ROW]} for at in range(0, len(shown), _PER_ROW)]


def pressed(custom_id: str) -> tuple[str, str] | None:
    """Return action and value of a button of the bridge; None for others'."""
    kind, _, rest = custom_id.partition(":")
    action, between, value = rest.partition(":")
    return (action, value) if kind == _PRESS and between else None


def modal(form: Form) -> Body:
    """Return a form, whose fields are five at most."""
    fields = [_field(it) for it in form.fields[:_FIELDS]]
    return {"custom_id": f"{_FORM}:{form.id}"[:_ID_LENGTH], "title": form.title[:45], "components": fields}


def submitted(data: Body) -> tuple[str, dict[str, str]] | None:
    """Return the form that was sent, with its values; None for others'."""
    kind, between, form = str(data["custom_id"]).partition(":")
    return (form, dict(_values(data["components"]))) if kind == _FORM and between else None


def _button(button: Button) -> Body | None:
    custom_id = f"{_PRESS}:{button.action}:{button.value}"
    if len(custom_id) > _ID_LENGTH:
        _log.warning("the button %s cannot be shown: what comes back with it is too long", button.label)
        return None
    style = _STYLES.get(button.style, _STYLES["plain"])
    return {"type": _BUTTON, "style": style, "label": button.label[:_LABEL_LENGTH], "custom_id": custom_id}


def _field(field: Field) -> Body:
    if field.choices:
        options = [
            {"value": value[:_ID_LENGTH], "label": label[:_ID_LENGTH], "default": value == field.value}
            for value, label in field.choices[:_CHOICES]
        ]
        inner: Body = {"type": _SELECT, "custom_id": field.name, "options": options, "required": field.required}
    else:
        style = _LONG if field.long else _SHORT
        inner = {"type": _INPUT, "custom_id": field.name, "style": style, "required": field.required}
        inner |= {"value": field.value[:4000]} if field.value else {}
    return {"type": _LABEL, "label": field.label[:_FIELD_LABEL_LENGTH], "component": inner}


def _values(components: Sequence[Body]) -> Iterator[tuple[str, str]]:
    for component in components:
        if "custom_id" in component:
            chosen = component.get("values") or [""]
            yield component["custom_id"], str(component.get("value", chosen[0]))
        inner = component.get("component")
        yield from _values([*(component.get("components") or []), *([inner] if inner else [])])
