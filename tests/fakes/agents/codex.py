"""`codex exec --json`, as a fake; see the package."""

import sys

from tests.fakes.agents.script import begin, directives, show


def main() -> None:
    arguments = sys.argv[1:]
    assert arguments[0] == "exec"
    assert arguments[-1] == "-"
    assert 'approval_policy="never"' in arguments
    resumed = arguments[arguments.index("resume") + 1] if "resume" in arguments else None
    session, past = begin(resumed)
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
                else:
                    call = {"id": item, "type": "command_execution", "aggregated_output": "", **given}
                show(type="item.started", item={**call, "status": "in_progress"})
                show(type="item.completed", item={**call, "status": "completed"})
            case "fail":
                show(type="error", message=text)
                show(type="turn.failed", error={"message": text})
                sys.exit(1)
    usage = {"input_tokens": 100, "cached_input_tokens": 0, "output_tokens": 7}
    show(type="turn.completed", usage=usage)


if __name__ == "__main__":
    main()
