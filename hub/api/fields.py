"""The kinds of values that requests carry, each with its rule and the text that names it."""

import math
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from airchat.protocol.limits import FILE_NAME_LENGTH
from airchat.protocol.names import CHANNEL_RULE, NAME_RULE
from airchat.protocol.timestamps import from_iso

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{1,99}$"
ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
APPROVAL_PATTERN = ID_PATTERN.replace("{8}-", "{8}(-", 1).replace("{12}$", "{12})?$")
TAG_PATTERN = r"^[a-z0-9][a-z0-9-]{0,49}$"
NO_NUL = r"^[^\x00]*$"
CLIENT_KEY = r"^[\x20-\x7e]{1,200}$"

RULES = {
    NO_NUL: "must not contain NUL characters",
    NAME_PATTERN: f"must have {NAME_RULE}",
    ID_PATTERN: "must be a UUID in lower case",
    TAG_PATTERN: "must be a tag: 1-50 lower-case letters, digits and hyphens, starting with a letter or digit",
    CLIENT_KEY: "must have 1-200 printable ASCII characters",
}
"""What patterns say, for people."""

_DEPTH = 32
_LARGEST = 2**53 - 1
_FIRST_YEAR, _LAST_YEAR = "0002", "9998"


@dataclass(frozen=True, slots=True)
class Says:
    """What the answer says when the field is missing or wrong, instead of a text made from the rule."""

    text: str


def _plain_json(value: Any, depth: int = _DEPTH) -> Any:
    """Refuse JSON that not every database can hold: NUL, integers beyond 64 bits, infinities, deep nesting."""
    if depth == 0:
        raise ValueError(f"must not be nested deeper than {_DEPTH}")
    if isinstance(value, dict):
        for key, item in value.items():
            _plain_json(key)
            _plain_json(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _plain_json(item, depth - 1)
    elif isinstance(value, str) and "\x00" in value:
        raise ValueError("must not contain NUL characters")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("integers must fit into 64 bits")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("numbers must be finite")
    return value


def _moment(text: str) -> int:
    """Turn ISO-8601 text into microseconds; a `+` that a query turned into a blank is understood."""
    try:
        if not _FIRST_YEAR <= text[:4] <= _LAST_YEAR:
            raise ValueError(text)
        return from_iso(text.replace(" ", "+"))
    except ValueError as error:
        raise ValueError("must be an ISO 8601 timestamp, e.g. 2026-01-31T08:15:00Z") from error


def _not_false(value: Any) -> bool:
    """Read a switch that only the literal `false` turns off."""
    return str(value) != "false"


def _on(value: Any) -> bool:
    """Read a switch that `true` and `1` turn on."""
    return value in ("true", "1")


def _lenient(default: int, most: int) -> BeforeValidator:
    """Read a count as older clients may send it: what is no positive number is the default, too many is the most."""

    def read(value: Any) -> int:
        text = str(value).strip()
        count = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        return min(count, most) or default

    return BeforeValidator(read)


def count(default: int, most: int) -> Any:
    """Give the type of a `limit` in the query, of at most `most`; what is no positive number means the default."""
    schema = {"type": "string", "description": f"1 to {most}; anything else means {default}"}
    return Annotated[int, _lenient(default, most), WithJsonSchema(schema)]


Text = Annotated[str, StringConstraints(pattern=NO_NUL)]
Channel = Annotated[str, StringConstraints(pattern=NAME_PATTERN), Says(CHANNEL_RULE)]
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
Tag = Annotated[str, StringConstraints(pattern=TAG_PATTERN)]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "example": "2026-01-31T08:15:00Z"}),
]
JsonObject = Annotated[dict[str, Any], AfterValidator(_plain_json)]
NotFalse = Annotated[
    bool,
    BeforeValidator(_not_false),
    WithJsonSchema({"type": "string", "description": "everything but `false` means true"}),
]
On = Annotated[
    bool,
    BeforeValidator(_on),
    WithJsonSchema({"type": "string", "description": "`true` or `1`; everything else means false"}),
]
ClientKey = Annotated[str, StringConstraints(pattern=CLIENT_KEY)]
FileName = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=FILE_NAME_LENGTH)]
Offset = Annotated[int, Field(ge=0, le=10_000)]
Number = Annotated[int, Field(ge=0, le=_LARGEST)]
Days = Annotated[int, Field(ge=1, le=3650)]
