"""What a tool is: its description for a model, the call it makes, and what the model is told of the result.

A tool checks names and kinds of its arguments; the hub checks the rest, and names field and rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airchat.call import Call, Row

_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


def text(description: str = "", *, one_of: tuple[str, ...] = ()) -> Row:
    """Return the schema of a text, one of a few if they are given."""
    return {"type": "string"} | _described(description) | ({"enum": list(one_of)} if one_of else {})


def texts(description: str = "") -> Row:
    """Return the schema of a list of texts."""
    return {"type": "array", "items": {"type": "string"}} | _described(description)


def number(description: str = "") -> Row:
    """Return the schema of a whole number."""
    return {"type": "integer"} | _described(description)


@dataclass(frozen=True, slots=True)
class Tool:
    """One function that a model can call.

    `arguments` are JSON schemas by name; `required` ones must be there. `call` describes the hub's call for checked
    arguments, and `show` makes of its result, and them, what the model reads: others' words inside a boundary.
    """

    name: str
    description: str
    arguments: Mapping[str, Row]
    call: Callable[[Row], Call[Any]]
    show: Callable[[Any, Row], str]
    required: tuple[str, ...] = ()

    @property
    def parameters(self) -> Row:
        """The JSON schema of the arguments together."""
        return {
            "type": "object",
            "properties": {name: dict(schema) for name, schema in self.arguments.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }

    def checked(self, arguments: Mapping[str, Any]) -> Row:
        """Return the arguments that are given; null is as good as none.

        Raises:
            ValueError: one is unknown, missing or of another kind; the text names it.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        for name in self.required:
            if name not in given:
                raise ValueError(f"{name} is required")
        for name, value in given.items():
            if name not in self.arguments:
                raise ValueError(f"{name} is no argument of {self.name}")
            _check(name, value, self.arguments[name])
        return given


def _check(name: str, value: Any, schema: Row) -> None:
    kind = schema["type"]
    fits = isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not fits or (kind == "array" and not all(isinstance(item, str) for item in value)):
        raise ValueError(f"{name} must be {_WORDS[kind]}")
    if "enum" in schema and value not in schema["enum"]:
        raise ValueError(f"{name} must be one of {', '.join(schema['enum'])}")


_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list of texts",
}


def _described(description: str) -> Row:
    return {"description": description} if description else {}
