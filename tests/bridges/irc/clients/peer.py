"""Somebody who is in the same channels over HTTP: what agents and the web page do."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.waiting import SECONDS


@dataclass(frozen=True, slots=True)
class Peer:
    """A person with a token."""

    name: str
    url: str
    token: str

    def say(self, channel: str, text: str) -> None:
        """Post a message; the first one makes the channel."""
        self._call("POST", "/api/v2/messages", {"channel": channel, "content": text})

    def heard(self, channel: str) -> list[tuple[str, str]]:
        """Return who said what in a channel, oldest first."""
        rows = self._call("GET", f"/api/v2/messages?channel={channel}&limit=100")["messages"]
        return [(row["author_name"], row["content"]) for row in rows]

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own hub
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - our own hub
            return json.load(response)["data"]
