"""What an agent tells of its tool calls over the Agent Client Protocol, which comes in pieces and in no fixed order.

Some agents tell of a call before they ask about it, some with the question, some when it is over; the arguments come as
they are, as text for people, or only afterwards.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from acp import schema

from runner.harness.port import Event, PermissionRequest, ToolCall, ToolResult

Update = schema.ToolCallStart | schema.ToolCallProgress | schema.ToolCallUpdate

_NAME = re.compile(r"[\w.:-]{1,100}")
_ENDS = ("completed", "failed")


class Calls:
    """The tool calls of one prompt."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._inputs: dict[str, dict[str, Any]] = {}
        self._ended: set[str] = set()

    def knows(self, call_id: str) -> bool:
        """Tell whether a call was told of."""
        return call_id in self._names

    def saw(self, update: Update) -> Iterator[Event]:
        """Give what an update tells that is new: that a call has begun, or is over."""
        call_id = update.tool_call_id
        given = update.raw_input if isinstance(update.raw_input, dict) else {}
        self._inputs[call_id] = self._inputs.get(call_id, {}) | given
        if call_id not in self._names:
            self._names[call_id] = _name(update)
            yield ToolCall(call_id, self._names[call_id], given)
        if update.status in _ENDS and call_id not in self._ended:
            self._ended.add(call_id)
            yield ToolResult(call_id, failed=update.status == "failed")

    def refused(self, call_id: str) -> Iterator[Event]:
        """Give the end of a call that people did not allow: not every agent tells of it."""
        if call_id not in self._ended:
            self._ended.add(call_id)
            yield ToolResult(call_id, failed=True)

    def request(self, update: schema.ToolCallUpdate) -> PermissionRequest:
        """Return what people are asked about a call that was seen: its arguments, else what the agent shows of it."""
        given = update.raw_input if isinstance(update.raw_input, dict) and update.raw_input else None
        known = given or self._inputs[update.tool_call_id] or _shown(update)
        return PermissionRequest(self._names[update.tool_call_id], known)


def _name(update: Update) -> str:
    """Return the tool's name; where the title is for people, such as the command itself, the kind of tool."""
    title = update.title or ""
    if isinstance(update.raw_input, dict) and _NAME.fullmatch(title):
        return title
    return update.kind if update.kind not in {None, "other"} else "tool"


def _shown(update: schema.ToolCallUpdate) -> dict[str, Any]:
    """Return the title and whatever stands below it."""
    shown = [*filter(None, map(_text, update.content or ()))]
    return {
        "what": update.title or "?",
        "with": "\n".join(shown) if shown else "(the agent does not say: it may have arguments)",
    }


def _text(content: Any) -> str:
    match content:
        case schema.FileEditToolCallContent():
            return "\n".join(_difference(content.path, content.old_text or "", content.new_text))
        case schema.ContentToolCallContent():
            return str(getattr(content.content, "text", ""))
        case _:
            return ""


def _difference(path: str, old: str, new: str) -> Sequence[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), path, path, n=2, lineterm="")
    return [*lines] or [f"{path}: no line changes"]
