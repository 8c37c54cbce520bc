"""The Responses API: what it is asked in the form of the Messages API, and an answer as it sends one.

The order of events is that of the vendor's page "Streaming events": response.created, each item between
response.output_item.added and response.output_item.done, response.completed with the usage.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.fakes.model import Block, Step

_ROLES = {"developer": "system", "system": "system", "user": "user", "assistant": "assistant"}


def as_messages(body: dict[str, Any]) -> dict[str, Any]:
    """Return a request in the form of the Messages API; what the model gave in one answer is one message."""
    messages: list[dict[str, Any]] = []
    for item in body.get("input", ()):
        role, blocks = _said(item)
        if role == "assistant" and messages and messages[-1]["role"] == "assistant":
            messages[-1]["content"] += blocks
        elif blocks:
            messages.append({"role": role, "content": blocks})
    tools = [{"name": name} for tool in body.get("tools", ()) for name in _names(tool)]
    return {"model": body["model"], "system": body.get("instructions", ""), "messages": messages, "tools": tools}


def response(step: Step, number: int, model: str) -> dict[str, Any]:
    """Return the answer as one object; `number` makes its ids unique."""
    usage = {"input_tokens": 10, "output_tokens": 5, **step.usage}
    return {
        "id": f"resp_{number:06}",
        "object": "response",
        "status": "completed",
        "model": model,
        "output": [_item(block, f"{number:06}_{place}") for place, block in enumerate(step.content)],
        "usage": {
            **usage,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage["input_tokens"] + usage["output_tokens"],
        },
    }


def events(answer: dict[str, Any]) -> Iterator[bytes]:
    """Give the answer as a stream of events."""
    yield _event("response.created", response=answer | {"output": [], "usage": None, "status": "in_progress"})
    for index, item in enumerate(answer["output"]):
        yield _event("response.output_item.added", output_index=index, item=item | {"status": "in_progress"})
        yield _event("response.output_item.done", output_index=index, item=item)
    yield _event("response.completed", response=answer)


def _said(item: dict[str, Any]) -> tuple[str, list[Block]]:
    """Return whose an item of the input is, and what it holds."""
    match item:
        case {"type": "function_call", "name": str(name)}:
            return "assistant", [{"type": "tool_use", "name": name, "input": json.loads(item["arguments"] or "{}")}]
        case {"type": "function_call_output"}:
            return "user", [{"type": "tool_result", "content": item["output"]}]
        case {"role": str(role), "content": content}:
            blocks = content if isinstance(content, list) else [{"text": content}]
            return _ROLES[role], [{"type": "text", "text": str(block.get("text", ""))} for block in blocks]
        case _:
            return "system", []


def _names(tool: dict[str, Any]) -> Iterator[str]:
    """Give the names of a tool, or of those in a namespace."""
    for inner in tool.get("tools", ()):
        yield f"{tool['name']}{inner['name']}"
    if "tools" not in tool:
        yield tool.get("name") or tool["type"]


def _item(block: Block, number: str) -> dict[str, Any]:
    if block["type"] == "text":
        content = [{"type": "output_text", "text": block["text"], "annotations": []}]
        return {"type": "message", "id": f"msg_{number}", "role": "assistant", "content": content}
    space, _, name = block["name"].rpartition("__")
    call = {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": name,
        "arguments": json.dumps(block["input"]),
    }
    return call | ({"namespace": space} if space else {})


def _event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
