"""`gemini -o stream-json`, as a fake; see the package."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.fakes.agents.script import begin, directives, show

AT = "2026-11-30T12:00:00.000Z"


def main() -> None:
    arguments = sys.argv[1:]
    assert arguments[arguments.index("-o") + 1] == "stream-json"
    assert "mcpServers" in json.loads(Path(os.environ["GEMINI_CLI_SYSTEM_SETTINGS_PATH"]).read_text())
    session, past = begin(arguments[arguments.index("-r") + 1] if "-r" in arguments else None)
    prompt = sys.stdin.read()
    show(type="init", timestamp=AT, session_id=session, model="gemini-fake")
    show(type="message", timestamp=AT, role="user", content=prompt)
    stats: dict[str, Any] = {"total_tokens": 107, "input_tokens": 100, "output_tokens": 7, "cached": 0, "input": 100}
    for number, (word, text, given) in enumerate(directives(prompt)):
        match word:
            case "say" | "past":
                said = text or str(past)
                for piece in (said[:3], said[3:]):
                    show(type="message", timestamp=AT, role="assistant", content=piece, delta=True)
                show(type="message", timestamp=AT, role="assistant", content="\n\n", delta=True)
            case "tool":
                show(type="tool_use", timestamp=AT, tool_name=text, tool_id=f"{text}-{number}", parameters=given)
                show(type="tool_result", timestamp=AT, tool_id=f"{text}-{number}", status="success", output="ok")
            case "fail":
                error = {"type": "FatalError", "message": text}
                show(type="result", timestamp=AT, status="error", error=error, stats=stats)
                sys.exit(1)
    show(type="result", timestamp=AT, status="success", stats={**stats, "duration_ms": 5, "tool_calls": 1})


if __name__ == "__main__":
    main()
