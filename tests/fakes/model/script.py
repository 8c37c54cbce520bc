"""What the fake model does, written into the prompt: lines of directives, read as steps of a turn."""

import json
from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]

DONE = "Done."


@dataclass(slots=True)
class Step:
    """One answer of the model: content blocks, after `sleep` seconds; or an HTTP error instead."""

    content: list[Block] = field(default_factory=list)
    sleep: float = 0.0
    error: int | None = None
    usage: dict[str, int] = field(default_factory=dict)

    @property
    def stop_reason(self) -> str:
        """Why the model stopped: it wants a tool, or has finished its turn."""
        return "tool_use" if any(block["type"] == "tool_use" for block in self.content) else "end_turn"


def read_script(text: str) -> list[Step]:
    """Return the steps that the directives in `text` describe; none if it has no directive.

    Raises:
        ValueError: a line begins with `@@` and is no directive.
    """
    steps: list[Step] = []
    step: Step | None = None
    for line in map(str.strip, text.splitlines()):
        if not line.startswith("@@"):
            continue
        if step is None:
            step = Step()
            steps.append(step)
        word, _, rest = line[2:].partition(" ")
        if _ends_after(step, word, rest):
            step = None
    return steps


def answer(steps: list[Step], turn: int) -> Step:
    """Return the `turn`th answer (from 0); a script that is at its end says so."""
    step = steps[turn] if turn < len(steps) else Step()
    return step if step.content or step.error else Step([say(DONE)], step.sleep, usage=step.usage)


def say(text: str) -> Block:
    """Return a block of text."""
    return {"type": "text", "text": text}


def _ends_after(step: Step, word: str, rest: str) -> bool:
    """Put a directive into the step; tells whether what follows is the next step."""
    match word:
        case "say":
            step.content.append(say(rest))
        case "sleep":
            step.sleep += float(rest)
        case "usage":
            given, made = map(int, rest.split())
            step.usage = {"input_tokens": given, "output_tokens": made}
        case "tool" | "also":
            name, _, arguments = rest.partition(" ")
            step.content.append({"type": "tool_use", "name": name, "input": json.loads(arguments or "{}")})
            return word == "tool"
        case "error":
            step.error = int(rest)
            return True
        case _:
            raise ValueError(f"no such directive: @@{word}")
    return False
