"""One request as a test asks about it: what the model was shown, and whose turn it is.

Its messages have the form of the Messages API; the fakes of other APIs bring theirs into it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

REMINDER = "<system-reminder>"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `headers` in lower case, `body` parsed, in the form of the Messages API."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def model(self) -> str:
        """The model that is asked."""
        return str(self.body.get("model", ""))

    @property
    def tools(self) -> list[str]:
        """The names of the tools whose schemas came along."""
        return [str(tool.get("name", "")) for tool in self.body.get("tools", ())]

    @property
    def text(self) -> str:
        """All the model was shown, in order: the system prompt, messages, results of tools."""
        return "\n".join([*texts(self.body.get("system", ())), *self.messages()])

    @property
    def newest(self) -> str:
        """What the model was shown since its last answer."""
        return "\n".join(self.messages(self._answers()[-1] + 1 if self._answers() else 0))

    @property
    def results(self) -> list[str]:
        """What tools have answered since the model's last answer."""
        start = self._answers()[-1] + 1 if self._answers() else 0
        blocks = [block for message in self._messages()[start:] for block in blocks_of(message)]
        return ["\n".join(texts(block.get("content"))) for block in blocks if block.get("type") == "tool_result"]

    def messages(self, start: int = 0) -> list[str]:
        """Return the text of each message from the `start`th on."""
        return ["\n".join(texts(message.get("content"))) for message in self._messages()[start:]]

    def shown(self) -> Iterator[tuple[str, str, int]]:
        """Give what was put before the model, newest first: what somebody said, all of it, and its answers since.

        Results of tools are left out; reminders, and whatever a harness adds, are said by nobody.
        """
        answers = 0
        for message in reversed(self._messages()):
            if message.get("role") == "assistant":
                answers += 1
                continue
            blocks = [str(block.get("text", "")) for block in blocks_of(message) if block.get("type") == "text"]
            said = [text for text in blocks if message.get("role") == "user" and not text.startswith(REMINDER)]
            yield "\n".join(said), "\n".join(blocks), answers

    def _messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", ()))

    def _answers(self) -> list[int]:
        return [number for number, message in enumerate(self._messages()) if message.get("role") == "assistant"]


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a message's content as blocks."""
    content = message.get("content") or []
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def texts(content: Any) -> list[str]:
    """Return all text within content of any form: a string, blocks, results of tools."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return texts(content.get("text") or content.get("content") or ())
    return [text for block in content or () for text in texts(block)]
