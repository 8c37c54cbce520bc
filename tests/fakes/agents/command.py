"""A program that speaks the runner's own protocol of JSON lines, as a fake; see the package."""

import json
import select
import sys
from typing import Any

from tests.fakes.agents.script import begin, directives, known, show


def read() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    row: dict[str, Any] = json.loads(line)
    return row


def cancelled(seconds: float) -> bool:
    """Wait so long, or until something comes, which can only be that the prompt is cancelled."""
    return bool(select.select([sys.stdin], [], [], seconds)[0]) and read()["type"] == "cancel"


def main() -> None:
    start = read()
    assert start["type"] == "start"
    session = start["resume"]
    while True:
        prompt = read()
        if prompt["type"] != "prompt":
            continue
        if session and not known(session):
            show(type="unknown", detail=f"no session {session}")
            return
        session, past = begin(session)
        show(type="session", id=session)
        answer(f"{start['instructions']}\n{prompt['text']}", past)


def answer(prompt: str, past: int) -> None:
    lines = [line for line in prompt.splitlines() if line.strip().startswith("@@")]
    for number, line in enumerate(lines):
        if line.strip().startswith("@@sleep "):
            if cancelled(float(line.split()[1])):
                show(type="done", stop="cancelled")
                return
            continue
        for word, text, given in directives(line):
            match word:
                case "say" | "past":
                    show(type="text", text=text or str(past))
                case "tool":
                    show(type="tool_call", id=str(number), name=text, input=given)
                    show(type="tool_result", id=str(number))
                case "ask":
                    show(type="tool_call", id=str(number), name=text, input=given)
                    show(type="permission", id=str(number), tool=text, input=given)
                    verdict = read()
                    show(type="tool_result", id=str(number), failed=not verdict["allowed"])
                    show(type="text", text="allowed" if verdict["allowed"] else f"refused: {verdict['reason']}")
                case "fail":
                    show(type="done", stop="failed", detail=text)
                    return
    show(type="usage", input_tokens=100, output_tokens=7)
    show(type="done")


if __name__ == "__main__":
    main()
