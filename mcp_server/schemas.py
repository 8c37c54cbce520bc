"""The schemas of the tools as models read them: what helps to fill in an argument, and nothing else.

Titles repeat names, limits and patterns are checked anyway with an error that names them, and an optional argument
need not say that it may also be null.
"""

from typing import Any

_DROPPED = ("title", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")


def slim(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a tool's arguments without what costs tokens and tells nothing."""
    properties = {name: _slim(value) for name, value in schema.get("properties", {}).items()}
    required = {"required": schema["required"]} if "required" in schema else {}
    return {"type": "object", "properties": properties} | required


def _slim(value: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in value.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        value = {name: part for name, part in value.items() if name != "anyOf"} | choices[0]
    kept = {name: part for name, part in value.items() if name not in _DROPPED}
    if kept.get("default", "") is None:
        del kept["default"]
    if isinstance(kept.get("items"), dict):
        kept["items"] = _slim(kept["items"])
    return kept
