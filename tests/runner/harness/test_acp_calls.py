"""What agents tell of their tool calls, as recorded from Gemini CLI 0.61 and OpenCode 1.18."""

from typing import Any

from acp import schema

from runner.harness.acp_calls import Calls
from runner.harness.port import ToolCall, ToolResult


def started(**fields: Any) -> schema.ToolCallStart:
    return schema.ToolCallStart.model_validate({"sessionUpdate": "tool_call", "toolCallId": "1", **fields})


def went_on(**fields: Any) -> schema.ToolCallProgress:
    return schema.ToolCallProgress.model_validate({"sessionUpdate": "tool_call_update", "toolCallId": "1", **fields})


def question(**fields: Any) -> schema.ToolCallUpdate:
    return schema.ToolCallUpdate.model_validate({"toolCallId": "1", "status": "pending", **fields})


def text(said: str) -> dict[str, Any]:
    return {"type": "content", "content": {"type": "text", "text": said}}


def test_call_that_begins_with_a_question_is_told_once() -> None:
    calls, asked = Calls(), question(title="ls", kind="execute", content=[text("[in /work]")])
    assert [*calls.saw(asked)] == [ToolCall("1", "execute", {})]
    assert calls.request(asked).input == {"what": "ls", "with": "[in /work]"}
    over = went_on(status="completed", title="ls", kind="execute")
    assert [*calls.saw(over)] == [ToolResult("1")]
    assert [*calls.saw(over)] == []


def test_arguments_that_come_before_the_question_are_shown() -> None:
    calls = Calls()
    begun = started(title="write", kind="edit", status="pending", rawInput={})
    assert [*calls.saw(begun)] == [ToolCall("1", "write", {})]
    assert [*calls.saw(went_on(status="in_progress", rawInput={"filePath": "a", "content": "b"}))] == []
    request = calls.request(question(title="a", kind="edit", rawInput={}))
    assert (request.tool, request.input) == ("write", {"filePath": "a", "content": "b"})


def test_arguments_of_the_question_itself_go_before() -> None:
    calls = Calls()
    [*calls.saw(started(title="bash", kind="execute", rawInput={"cwd": "/work"}))]
    request = calls.request(question(title="ls", kind="execute", rawInput={"command": "ls"}))
    assert (request.tool, request.input) == ("bash", {"command": "ls"})


def test_call_without_arguments_says_that_it_may_have_some() -> None:
    calls, asked = Calls(), question(title="tiny_echo", kind="other", rawInput={})
    assert [*calls.saw(asked)] == [ToolCall("1", "tiny_echo", {})]
    assert calls.request(asked).input == {
        "what": "tiny_echo",
        "with": "(the agent does not say: it may have arguments)",
    }


def test_edit_is_shown_as_the_lines_that_change() -> None:
    old = "".join(f"line {number}\n" for number in range(100))
    change = {"type": "diff", "path": "a.txt", "oldText": old, "newText": old.replace("line 50\n", "other\n")}
    calls, asked = Calls(), question(title="Editing a.txt", kind="edit", content=[change])
    [*calls.saw(asked)]
    shown = calls.request(asked).input["with"].splitlines()
    assert [line for line in shown if line[0] in "+-"] == ["--- a.txt", "+++ a.txt", "-line 50", "+other"]
    assert len(shown) == 9


def test_refused_call_is_over() -> None:
    calls = Calls()
    [*calls.saw(question(title="ls", kind="execute"))]
    assert [*calls.refused("1")] == [ToolResult("1", failed=True)]
    assert [*calls.saw(went_on(status="failed"))] == []
