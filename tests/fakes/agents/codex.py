"""`codex exec --json`, as a fake; see the package."""

import sys
from typing import Any

from tests.fakes.agents.script import begin, directives, show


def main() -> None:
    arguments = sys.argv[1:]
    assert arguments[0] == "exec"
    assert arguments[-1] == "-"
    assert 'approval_policy="never"' in arguments
    resumed = arguments[arguments.index("resume") + 1] if "resume" in arguments else None
    session, past = begin(resumed)
    begun: dict[str, Any]
    ended: dict[str, Any]
    prompt = sys.stdin.read()
    show(type="thread.started", thread_id=session)
    show(type="turn.started")
    for number, (word, text, given) in enumerate(directives(prompt)):
        item = f"item_{number}"
        match word:
            case "say":
                show(type="item.completed", item={"id": item, "type": "agent_message", "text": text})
            case "past":
                show(type="item.completed", item={"id": item, "type": "agent_message", "text": str(past)})
            case "tool":
                server, tool = text.split("__")[1:] if text.startswith("mcp__") else ("", "")
                if server:
                    call = {"id": item, "type": "mcp_tool_call", "server": server, "tool": tool, "arguments": given}
                    begun = {"result": None, "error": None}
                    ended = {"result": {"content": [], "structured_content": None}, "error": None}
                else:
                    call = {"id": item, "type": "command_execution", **given}
                    begun = {"aggregated_output": "", "exit_code": None}
                    ended = {"aggregated_output": "", "exit_code": 0}
                show(type="item.started", item={**call, **begun, "status": "in_progress"})
                show(type="item.completed", item={**call, **ended, "status": "completed"})
            case "fail":
                show(type="error", message=text)
                show(type="turn.failed", error={"message": text})
                sys.exit(1)
    turns = past + 1  # it tells the sum of the whole session
    none = {"cached_input_tokens": 0, "cache_write_input_tokens": 0, "reasoning_output_tokens": 0}
    show(type="turn.completed", usage={"input_tokens": 100 * turns, "output_tokens": 7 * turns, **none})


if __name__ == "__main__":
    main()
