"""The Gemini API: what it is asked in the form of the Messages API, and an answer as it sends one.

Its requests and answers are those of the vendor's page "generateContent"; a short answer comes as one event.
"""

import json
from typing import Any

from tests.fakes.model import Block, Step


def as_messages(body: dict[str, Any], model: str) -> dict[str, Any]:
    """Return a request in the form of the Messages API."""
    return {
        "model": model,
        "system": [{"text": part.get("text", "")} for part in (body.get("systemInstruction") or {}).get("parts", ())],
        "messages": [
            {"role": "assistant" if content["role"] == "model" else "user", "content": [*map(_block, content["parts"])]}
            for content in body.get("contents", ())
        ],
        "tools": [declared for tool in body.get("tools", ()) for declared in tool.get("functionDeclarations", ())],
    }


def response(step: Step, number: int, model: str) -> dict[str, Any]:
    """Return the answer as one object; `number` makes its ids unique."""
    usage = {"input_tokens": 10, "output_tokens": 5, **step.usage}
    return {
        "responseId": f"response-{number:06}",
        "modelVersion": model,
        "candidates": [
            {
                "index": 0,
                "finishReason": "STOP",
                "content": {
                    "role": "model",
                    "parts": [_part(block, f"{number:06}_{place}") for place, block in enumerate(step.content)],
                },
            }
        ],
        "usageMetadata": {
            "promptTokenCount": usage["input_tokens"],
            "candidatesTokenCount": usage["output_tokens"],
            "totalTokenCount": usage["input_tokens"] + usage["output_tokens"],
        },
    }


def event(answer: dict[str, Any]) -> bytes:
    """Return an answer as a server-sent event."""
    return f"data: {json.dumps(answer)}\r\n\r\n".encode()


def _block(part: dict[str, Any]) -> Block:
    match part:
        case {"functionCall": {"name": str(name), **call}}:
            return {"type": "tool_use", "name": name, "input": call.get("args", {})}
        case {"functionResponse": {"response": dict(given)}}:
            return {"type": "tool_result", "content": given.get("output") or json.dumps(given)}
        case _:
            return {"type": "text", "text": part.get("text", "")}


def _part(block: Block, number: str) -> dict[str, Any]:
    if block["type"] == "text":
        return {"text": block["text"]}
    return {"functionCall": {"id": f"call_{number}", "name": block["name"], "args": block["input"]}}
