"""Arguments of a Web API call, however the client encoded them.

The Python SDK sends JSON for ``chat.*``, a query on a POST for ``reactions.*`` and ``files.*``, a query
on a GET for ``conversations.*``, and forms elsewhere: all three are read, in this order of precedence.
"""

import json
from typing import Any

from aiohttp import web

from .errors import SlackError
from .settings import Json

FALSE = {"", "0", "false", "none"}


class Arguments:
    """Typed reading of loosely typed values; ``values`` is what was sent."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        """A string, or ``default``."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """A string that must be there; raises ``invalid_arguments``."""
        if not (value := self.text(name)):
            messages = [f"[ERROR] missing required field: {name}"]
            raise SlackError("invalid_arguments", response_metadata={"messages": messages})
        return value

    def flag(self, name: str) -> bool:
        """A boolean in any of its spellings; absent means false."""
        return self.text(name).lower() not in FALSE

    def number(self, name: str) -> int:
        """A whole number, 0 if absent; raises ``invalid_arguments``."""
        try:
            return int(self.text(name) or 0)
        except ValueError as error:
            raise SlackError("invalid_arguments") from error

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """A JSON value, sent as such or as a string of JSON; None if absent. Raises ``error``."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as problem:
            raise SlackError(error) from problem

    def has(self, name: str) -> bool:
        """Whether the argument was given at all, be it empty."""
        return self.values.get(name) is not None


async def read(request: web.Request) -> Arguments:
    """All arguments of a call; raises ``invalid_json`` or ``json_not_object``."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        try:
            parsed = json.loads(body) if body else {}
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(parsed, dict):
            raise SlackError("json_not_object")
        values |= parsed
    elif request.method == "POST":
        values |= dict(await request.post())
    return Arguments(values)
